extension WatchCache {
    /// `/registry/pods/shop/web-1` as resource folder and key in it; folders of two parts are those of `twoPart`.
    static func split(_ key: String) -> (path: String, key: String)? {
        guard key.hasPrefix(root) else { return nil }
        let rest = key.dropFirst(root.count)
        guard let slash = rest.firstIndex(of: "/") else { return nil }
        var end = slash
        let first = rest[..<slash]
        if first == "services" || first.contains(".") {
            guard let second = rest[rest.index(after: slash)...].firstIndex(of: "/") else { return nil }
            end = second
        }
        return (String(rest[..<end]), String(rest[rest.index(after: end)...]))
    }
}
