/// Gives each different key a number, from 0 on. The keys lie one after another in one array, so that a million of them
/// take little more than their own bytes.
struct KeyIndex {
    private var arena: [UInt8] = []
    /// Where each key ends in the arena.
    private var ends: [Int] = []
    /// Numbers of keys, plus one, at the place that their hash gives, or the next that is empty; zero is empty.
    private var slots = [UInt32](repeating: 0, count: 1024)

    var count: Int { ends.count }

    func key(_ number: Int) -> ArraySlice<UInt8> {
        arena[(number == 0 ? 0 : ends[number - 1])..<ends[number]]
    }

    /// The key's number, and whether it was not there before.
    mutating func number(of key: ArraySlice<UInt8>) -> (number: Int, isNew: Bool) {
        if ends.count * 2 >= slots.count { grow() }
        var place = place(of: key)
        while slots[place] != 0 {
            let number = Int(slots[place]) - 1
            if self.key(number) == key { return (number, false) }
            place = (place + 1) & (slots.count - 1)
        }
        arena += key
        ends.append(arena.count)
        slots[place] = UInt32(ends.count)
        return (ends.count - 1, true)
    }

    /// Keyed anew in each process, so that nobody can prepare keys that all fall together.
    private func place(of key: ArraySlice<UInt8>) -> Int {
        var hasher = Hasher()
        unsafe key.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return hasher.finalize() & (slots.count - 1)
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for number in ends.indices {
            var place = place(of: key(number))
            while slots[place] != 0 { place = (place + 1) & (slots.count - 1) }
            slots[place] = UInt32(number + 1)
        }
    }
}
