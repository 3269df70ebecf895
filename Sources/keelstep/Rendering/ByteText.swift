/// A number of bytes as people read it.
enum ByteText {
    /// `512 B`, `20 kB`, `1.3 MB`: powers of 1000, digit for digit as etcdutl prints them. It rounds twice: to tenths,
    /// half up, and from 10 on to whole numbers, half to even (147,456 bytes are 147.5 kB, and so 148 kB).
    static func text(_ bytes: UInt64) -> String {
        if bytes < 10 { return "\(bytes) B" }
        var (divisor, unit) = (1.0, 0)
        let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
        while Double(bytes) / divisor >= 1000, unit < units.count - 1 {
            divisor *= 1000
            unit += 1
        }
        let tenths = (Double(bytes) / divisor * 10 + 0.5).rounded(.down)
        if tenths >= 100 { return "\(Int((tenths / 10).rounded(.toNearestOrEven))) \(units[unit])" }
        return "\(Int(tenths) / 10).\(Int(tenths) % 10) \(units[unit])"
    }
}
