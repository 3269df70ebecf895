package import KubernetesModel

/// Amounts of resources as plain numbers, for arithmetic over many pods: processor time in thousandths, everything
/// else in whole units.
package struct Amounts: Sendable, Hashable {
    package var milliCPU: Int64 = 0
    package var memory: Int64 = 0
    package var ephemeralStorage: Int64 = 0
    /// `nvidia.com/gpu`, `hugepages-2Mi`, …
    package var others: [String: Int64] = [:]

    package init() {}

    package init(_ list: ResourceList) {
        for (name, amount) in list.amounts {
            switch name {
            case "cpu": milliCPU = amount.milliValue
            case "memory": memory = amount.value
            case "ephemeral-storage": ephemeralStorage = amount.value
            case "pods": continue  // counted, not added up
            default: others[name] = amount.value
            }
        }
    }

    static func += (lhs: inout Self, rhs: Self) { lhs.add(rhs, sign: 1) }
    static func -= (lhs: inout Self, rhs: Self) { lhs.add(rhs, sign: -1) }

    /// Sums stop at the largest number: what no node has room for needs no exact size.
    private mutating func add(_ other: Self, sign: Int64) {
        milliCPU = Self.sum(milliCPU, other.milliCPU, sign)
        memory = Self.sum(memory, other.memory, sign)
        ephemeralStorage = Self.sum(ephemeralStorage, other.ephemeralStorage, sign)
        for (name, amount) in other.others { others[name] = Self.sum(others[name] ?? 0, amount, sign) }
    }

    private static func sum(_ value: Int64, _ change: Int64, _ sign: Int64) -> Int64 {
        let (sum, overflow) = value.addingReportingOverflow(sign < 0 ? 0 - max(change, -Int64.max) : change)
        return overflow ? (value > 0 ? .max : .min) : sum
    }

    /// Names of what would exceed `limit` if `request` were added; a resource that is not asked for is never short.
    func shortages(adding request: Self, limit: Self) -> [String] {
        var names: [String] = []
        func check(_ name: String, _ used: Int64, _ wanted: Int64, _ limit: Int64) {
            if wanted > 0, Self.sum(used, wanted, 1) > limit { names.append(name) }
        }
        check("cpu", milliCPU, request.milliCPU, limit.milliCPU)
        check("memory", memory, request.memory, limit.memory)
        check("ephemeral-storage", ephemeralStorage, request.ephemeralStorage, limit.ephemeralStorage)
        for (name, wanted) in request.others { check(name, others[name] ?? 0, wanted, limit.others[name] ?? 0) }
        return names.sorted()
    }
}
