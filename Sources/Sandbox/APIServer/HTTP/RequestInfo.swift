import KubernetesModel

/// What a request's method and URL ask for, as kube-apiserver reads them.
struct RequestInfo: Sendable, Equatable {
    var method: String
    /// The path as it came, without its query.
    var path: String
    var query: [String: String]
    var groupVersion: GroupVersion?
    var namespace: String?
    /// The resource's plural; nil for paths that are about no resource (`/readyz`, `/apis`).
    var plural: String?
    var name: String?
    var subresource: String?
    /// What follows `…/proxy/`.
    var rest: [String] = []

    init(method: String, target: String) {
        self.method = method
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(halves[0])
        query = Self.query(halves.count > 1 ? halves[1] : "")
        var parts = path.split(separator: "/").map { Self.unescaped($0, plusIsSpace: false) }[...]
        switch parts.popFirst() {
        case "api"?:
            guard let version = parts.popFirst() else { return }
            groupVersion = GroupVersion(group: "", version: version)
        case "apis"?:
            guard parts.count >= 2 else { return }
            groupVersion = GroupVersion(group: parts.removeFirst(), version: parts.removeFirst())
        default: return
        }
        // `/namespaces/x` is the namespace itself; `/namespaces/x/pods` is about what is in it.
        if parts.first == "namespaces", parts.count >= 3 {
            let inner = parts[parts.index(parts.startIndex, offsetBy: 2)]
            if inner != "status" && inner != "finalize" {
                parts.removeFirst()
                namespace = parts.removeFirst()
            }
        }
        plural = parts.popFirst()
        name = parts.popFirst()
        subresource = parts.popFirst()
        rest = Array(parts)
    }

    var isWatch: Bool { flag("watch") }

    func flag(_ name: String) -> Bool {
        guard let value = query[name] else { return false }
        return value != "false" && value != "0"
    }

    func number(_ name: String) -> Int? { query[name].flatMap { Int($0) } }

    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
    var verb: String {
        switch method {
        case "GET", "HEAD": name != nil && !isWatch ? "get" : isWatch ? "watch" : "list"
        case "POST": "create"
        case "PUT": "update"
        case "PATCH": "patch"
        case "DELETE": name == nil ? "deletecollection" : "delete"
        default: method.lowercased()
        }
    }

    var isMutating: Bool { !["GET", "HEAD", "OPTIONS"].contains(method) }

    private static func query(_ text: Substring) -> [String: String] {
        var values: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = unescaped(halves[0], plusIsSpace: true)
            let value = halves.count > 1 ? unescaped(halves[1], plusIsSpace: true) : ""
            if values[name] == nil { values[name] = value }
        }
        return values
    }

    /// Undoes percent escapes; what is no escape stays as it is.
    static func unescaped(_ text: Substring, plusIsSpace: Bool) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        let source = Array(text.utf8)
        var bytes: [UInt8] = []
        var index = 0
        while index < source.count {
            let byte = source[index]
            if byte == UInt8(ascii: "%"), index + 2 < source.count,
                let high = hexadecimal(source[index + 1]), let low = hexadecimal(source[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
                continue
            }
            bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            index += 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
