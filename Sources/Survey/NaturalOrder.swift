/// Names in the order people expect: `worker-2` before `worker-10`.
package enum NaturalOrder {
    package static func precedes(_ left: String, _ right: String) -> Bool {
        let lefts = Array(left.utf8)
        let rights = Array(right.utf8)
        var one = 0
        var other = 0
        while one < lefts.count, other < rights.count {
            if isDigit(lefts[one]), isDigit(rights[other]) {
                let first = number(lefts, &one)
                let second = number(rights, &other)
                if first.count != second.count { return first.count < second.count }
                if first != second { return first.lexicographicallyPrecedes(second) }
            } else {
                if lefts[one] != rights[other] { return lefts[one] < rights[other] }
                one += 1
                other += 1
            }
        }
        if one == lefts.count, other == rights.count { return lefts.lexicographicallyPrecedes(rights) }
        return one == lefts.count
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// The digits at `index` without leading zeros; `index` moves behind them.
    private static func number(_ text: [UInt8], _ index: inout Int) -> ArraySlice<UInt8> {
        while index < text.count, text[index] == 0x30 { index += 1 }
        let start = index
        while index < text.count, isDigit(text[index]) { index += 1 }
        return text[start..<index]
    }
}

extension Sequence {
    /// The elements, sorted by a name in natural order.
    package func naturallySorted(by name: (Element) -> String) -> [Element] {
        map { (name($0), $0) }.sorted { NaturalOrder.precedes($0.0, $1.0) }.map(\.1)
    }
}
