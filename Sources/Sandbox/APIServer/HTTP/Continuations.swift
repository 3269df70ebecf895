import KubernetesModel
import Synchronization

/// Where chunked lists go on: tokens for the clients, and the lists they began with for a while.
final class Continuations: Sendable {
    /// A place in a list: its revision and the key of the last object given.
    struct Place: Equatable {
        var revision: Int64
        var last: String

        init(revision: Int64, last: String) {
            self.revision = revision
            self.last = last
        }

        init?(token: String) {
            guard let bytes = Base64.bytes(token), let value = try? JSONValue(parsing: bytes),
                let revision = value["rv"]?.integer, let last = value["start"]?.string
            else { return nil }
            self.init(revision: revision, last: last)
        }

        var token: String {
            let value: JSONValue = ["v": "meta.k8s.io/v1", "rv": .integer(revision), "start": .string(last)]
            return Base64.text(value.bytes)
        }
    }

    private struct List {
        let revision: Int64
        let path: String
        let namespace: String?
        let objects: [CachedObject]
    }

    private static let most = 16
    private let lists = Mutex<[List]>([])

    func keep(_ objects: [CachedObject], _ revision: Int64, _ path: String, _ namespace: String?) {
        lists.withLock { lists in
            if lists.contains(where: { $0.revision == revision && $0.path == path && $0.namespace == namespace }) {
                return
            }
            if lists.count >= Self.most { lists.removeFirst() }
            lists.append(List(revision: revision, path: path, namespace: namespace, objects: objects))
        }
    }

    func find(_ revision: Int64, _ path: String, _ namespace: String?) -> [CachedObject]? {
        lists.withLock { lists in
            lists.first { $0.revision == revision && $0.path == path && $0.namespace == namespace }?.objects
        }
    }

    /// What puts keys in the order of the store, where `/` comes after `-`: bytes.
    static func order(_ key: String) -> ArraySlice<UInt8>.Order { ArraySlice(key.utf8).order }
}

extension ArraySlice<UInt8> {
    /// Bytes compared one by one.
    struct Order: Comparable {
        let bytes: ArraySlice<UInt8>
        static func < (lhs: Self, rhs: Self) -> Bool { lhs.bytes.lexicographicallyPrecedes(rhs.bytes) }
    }

    fileprivate var order: Order { Order(bytes: self) }
}
