package import KubernetesModel
import Synchronization

/// One stored state of one object, shared by everybody who reads or watches it: its bytes are parsed at most once, and
/// its JSON is written at most once.
package final class CachedObject: Sendable {
    /// What follows the resource's folder in the store: `shop/web-1`, or the name alone.
    package let key: String
    /// The object's resourceVersion.
    package let revision: Int64
    private let forms: Mutex<Forms>

    private struct Forms {
        var stored: [UInt8]?
        var object: KubernetesObject?
        var json: [UInt8]?
    }

    /// A state as it stands in the store, where the resourceVersion is not part of the bytes.
    init(key: String, revision: Int64, stored: [UInt8]) {
        self.key = key
        self.revision = revision
        forms = Mutex(Forms(stored: stored))
    }

    /// A state already at hand, its resourceVersion included.
    init(key: String, revision: Int64, object: KubernetesObject) {
        self.key = key
        self.revision = revision
        forms = Mutex(Forms(object: object))
    }

    /// The namespace in the key, "" for what has none.
    var namespace: Substring { key.firstIndex(of: "/").map { key[..<$0] } ?? "" }
    var name: Substring { key.firstIndex(of: "/").map { key[key.index(after: $0)...] } ?? key[...] }

    package var object: KubernetesObject {
        forms.withLock { forms in
            if let object = forms.object { return object }
            let object = Self.decode(forms.stored ?? [], revision: revision, key: key)
            forms.stored = nil
            forms.object = object
            return object
        }
    }

    /// The object as one line of JSON.
    package var json: [UInt8] {
        let object = self.object
        return forms.withLock { forms in
            if let json = forms.json { return json }
            let json = object.value.bytes
            forms.json = json
            return json
        }
    }

    /// The same object as it was last seen when it was removed at `revision`.
    func deleted(at revision: Int64) -> CachedObject {
        var last = object
        last.resourceVersion = String(revision)
        return CachedObject(key: key, revision: revision, object: last)
    }

    /// Bytes of the store as an object. What is no JSON object (somebody else wrote there) shows as an empty one.
    static func decode(_ bytes: [UInt8], revision: Int64, key: String) -> KubernetesObject {
        var object = KubernetesObject((try? JSONValue(parsing: bytes)) ?? .object([:]))
        if object.value.object == nil { object = KubernetesObject(.object([:])) }
        if object.name.isEmpty { object.name = String(key.split(separator: "/").last ?? "") }
        object.resourceVersion = String(revision)
        return object
    }
}
