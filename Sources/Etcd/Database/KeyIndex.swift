/// Gives each different key a number, from 0 on. The keys lie one after another in one array, so that a million of them
/// take little more than their own bytes.
struct KeyIndex {
    private var arena: [UInt8] = []
    /// Where each key ends in the arena.
    private var ends: [Int] = []
    private var hashes: [UInt32] = []
    /// Numbers of keys, plus one, at the place that their hash gives, or the next that is empty; zero is empty.
    private var slots = [UInt32](repeating: 0, count: 1024)

    var count: Int { ends.count }

    func key(_ number: Int) -> ArraySlice<UInt8> {
        arena[(number == 0 ? 0 : ends[number - 1])..<ends[number]]
    }

    /// The key's number, and whether it was not there before.
    mutating func number(of key: ArraySlice<UInt8>) -> (number: Int, isNew: Bool) {
        if ends.count * 2 >= slots.count { grow() }
        let hash = Self.hash(of: key)
        var place = Int(hash) & (slots.count - 1)
        while slots[place] != 0 {
            let number = Int(slots[place]) - 1
            if hashes[number] == hash, self.key(number) == key { return (number, false) }
            place = (place + 1) & (slots.count - 1)
        }
        arena += key
        ends.append(arena.count)
        hashes.append(hash)
        slots[place] = UInt32(ends.count)
        return (ends.count - 1, true)
    }

    /// Keyed anew in each process, so that nobody can prepare keys that all fall together.
    private static func hash(of key: ArraySlice<UInt8>) -> UInt32 {
        var hasher = Hasher()
        unsafe key.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return UInt32(truncatingIfNeeded: hasher.finalize())
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for (number, hash) in hashes.enumerated() {
            var place = Int(hash) & (slots.count - 1)
            while slots[place] != 0 { place = (place + 1) & (slots.count - 1) }
            slots[place] = UInt32(number + 1)
        }
    }
}
