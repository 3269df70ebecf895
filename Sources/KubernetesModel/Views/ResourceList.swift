/// Amounts by the name of their resource: `cpu`, `memory`, `pods`, `nvidia.com/gpu`.
package struct ResourceList: Sendable, Hashable {
    package var amounts: [String: Quantity]

    package init(_ amounts: [String: Quantity] = [:]) { self.amounts = amounts }

    /// Reads an object of quantities; members that hold none are left out.
    package init(_ value: JSONValue?) { amounts = (value?.object ?? [:]).compactMapValues { Quantity($0) } }

    /// What is not named is zero.
    package subscript(name: String) -> Quantity {
        get { amounts[name] ?? .zero }
        set { amounts[name] = newValue }
    }

    package var isEmpty: Bool { amounts.isEmpty }

    package static func + (lhs: Self, rhs: Self) -> Self { Self(lhs.amounts.merging(rhs.amounts) { $0 + $1 }) }
    package static func += (lhs: inout Self, rhs: Self) { lhs.amounts.merge(rhs.amounts) { $0 + $1 } }

    /// For each resource the larger of the two amounts.
    package func largest(with other: Self) -> Self { Self(amounts.merging(other.amounts) { max($0, $1) }) }
}
