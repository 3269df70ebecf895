/// A row's value in the bucket `key`: a key as one revision left it. Slices of the page that it was read from.
///
///     1 key  2 create_revision  3 mod_revision  4 version  5 value  6 lease
///
/// Absent fields are zero or empty. A tombstone has its key alone.
package struct StoredKeyValue {
    package private(set) var key: ArraySlice<UInt8> = []
    package private(set) var createRevision: Int64 = 0
    package private(set) var modRevision: Int64 = 0
    package private(set) var version: Int64 = 0
    package private(set) var value: ArraySlice<UInt8> = []
    package private(set) var lease: Int64 = 0

    /// What is wrong with a row, in words that follow "the row".
    package struct Fault: Error, Hashable {
        package var why: String
    }

    package init(_ bytes: ArraySlice<UInt8>) throws(Fault) {
        var reader = WireReader(bytes)
        do throws(WireReader.Fault) {
            while let (number, value) = try reader.next() {
                switch (number, value) {
                case (1, .bytes(let bytes)): key = bytes
                case (5, .bytes(let bytes)): self.value = bytes
                case (2, .varint(let bits)): createRevision = Int64(bitPattern: bits)
                case (3, .varint(let bits)): modRevision = Int64(bitPattern: bits)
                case (4, .varint(let bits)): version = Int64(bitPattern: bits)
                case (6, .varint(let bits)): lease = Int64(bitPattern: bits)
                case (1...6, _): throw WireReader.Fault("field \(number) has the wrong type")
                default: throw WireReader.Fault("field \(number) is none of a key's")
                }
            }
        } catch { throw Fault(why: "cannot be decoded: \(error.why)") }
    }

    /// - Throws: where the row contradicts the revision that it stands under.
    package func validate(at revision: Revision, isTombstone: Bool) throws(Fault) {
        if isTombstone {
            guard modRevision == 0, createRevision == 0, version == 0, value.isEmpty, lease == 0 else {
                throw Fault(why: "says that its key was deleted, and has a value all the same")
            }
            return
        }
        guard modRevision == revision.main else {
            throw Fault(why: "says that it is of revision \(modRevision)")
        }
        guard (1...modRevision).contains(createRevision), version >= 1 else {
            throw Fault(why: "has create revision \(createRevision) and version \(version), which cannot be")
        }
    }
}
