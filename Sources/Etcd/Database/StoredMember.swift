import Foundation

/// A member as the bucket `members` has it: under its id in hex, in JSON. etcd 3.6 takes its membership from there.
package struct StoredMember: Sendable, Hashable {
    package var id: UInt64
    package var name: String
    package var peerURLs: [String]
    package var clientURLs: [String]
    package var isLearner: Bool

    private struct Form: Decodable {
        var id: UInt64
        var name: String?
        var peerURLs: [String]?
        var clientURLs: [String]?
        var isLearner: Bool?
    }

    /// Nil unless key and value are a member's, and say the same id.
    package init?(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
        guard let id = Self.id(key), let form = try? JSONDecoder().decode(Form.self, from: Data(value)), form.id == id
        else { return nil }
        self.id = id
        name = form.name ?? ""
        peerURLs = form.peerURLs ?? []
        clientURLs = form.clientURLs ?? []
        isLearner = form.isLearner ?? false
    }

    /// An id as keys have it: hex, lower case, without zeros in front.
    package static func id(_ key: ArraySlice<UInt8>) -> UInt64? {
        let text = String(decoding: key, as: UTF8.self)
        guard let id = UInt64(text, radix: 16), String(id, radix: 16) == text else { return nil }
        return id
    }
}

/// An alarm that was raised when the database was saved; a restore brings it back.
package struct StoredAlarm: Sendable, Hashable {
    package var memberID: UInt64
    /// `NOSPACE` or `CORRUPT`.
    package var kind: String

    /// Nil unless the key is an alarm's.
    package init?(key: ArraySlice<UInt8>) {
        var (member, kind): (UInt64, UInt64) = (0, 0)
        var reader = WireReader(key)
        do {
            while let (number, value) = try reader.next() {
                switch (number, value) {
                case (1, .varint(let bits)): member = bits
                case (2, .varint(let bits)): kind = bits
                default: return nil
                }
            }
        } catch { return nil }
        guard let name = [1: "NOSPACE", 2: "CORRUPT"][kind] else { return nil }
        memberID = member
        self.kind = name
    }
}
