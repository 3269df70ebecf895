/// A mistyped word, and what was meant.
struct NearWord {
    private let word: [Character]

    init(_ word: String) { self.word = Array(word) }

    /// The name that is the fewest letters away: one, or two of a word of five or more; nil where none is.
    func among(_ names: [String]) -> String? {
        let limit = word.count < 5 ? 1 : 2
        let near = names.map { (name: $0, distance: distance(to: Array($0))) }.min { $0.distance < $1.distance }
        return near.flatMap { $0.distance <= limit ? $0.name : nil }
    }

    /// Letters to put in, take out or change (Levenshtein).
    private func distance(to other: [Character]) -> Int {
        var row = Array(0...other.count)
        for (index, letter) in word.enumerated() {
            var next = [index + 1]
            for (column, candidate) in other.enumerated() {
                let changed = row[column] + (letter == candidate ? 0 : 1)
                next.append(min(changed, row[column + 1] + 1, next[column] + 1))
            }
            row = next
        }
        return row[other.count]
    }
}
