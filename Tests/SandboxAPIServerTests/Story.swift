import Foundation

/// Commands and what they are to print, read from a file of `Stories/`; its form is explained there.
struct Story {
    struct Step {
        var line: Int
        var command: [String]
        var expected: [String]
    }

    var steps: [Step] = []
    var files: [String: String] = [:]

    init(named name: String) throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Stories/\(name).txt")
        var lines = try String(contentsOf: url, encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init).enumerated().makeIterator()
        var file: String?
        while let (index, line) = lines.next() {
            if let name = file {
                if line == "." { file = nil } else { files[name, default: ""] += line + "\n" }
            } else if line.hasPrefix("FILE ") {
                file = String(line.dropFirst(5))
            } else if line.hasPrefix("$ ") {
                steps.append(Step(line: index + 1, command: Self.words(line.dropFirst(2)), expected: []))
            } else if !line.hasPrefix("#"), !steps.isEmpty {
                steps[steps.count - 1].expected.append(Self.folded(line[...]))
            }
        }
    }

    /// Spaces part words, except inside single quotes.
    private static func words(_ line: Substring) -> [String] {
        var words = [""]
        var isQuoted = false
        for character in line {
            if character == "'" {
                isQuoted.toggle()
            } else if character == " ", !isQuoted {
                words.append("")
            } else {
                words[words.count - 1].append(character)
            }
        }
        return words.filter { !$0.isEmpty }
    }

    static func folded(_ line: Substring) -> String { line.split(separator: " ").joined(separator: " ") }
}

/// What one step of a story is to print, for one version of kubectl.
struct Expectation {
    var exitCode = 0
    var output: [String] = []
    var errors: [String] = []

    init(_ lines: [String], minor: Int, server: String) {
        for line in lines {
            guard let line = Self.applying(line, minor: minor) else { continue }
            let text = line.split(separator: "<server>", omittingEmptySubsequences: false).joined(separator: server)
            if text.hasPrefix("exit "), let code = Int(text.dropFirst(5)) {
                exitCode = code
            } else if text.hasPrefix("err: ") {
                errors.append(String(text.dropFirst(5)))
            } else {
                output.append(text)
            }
        }
        while output.last?.isEmpty == true { output.removeLast() }
    }

    /// `?1.34 line` from kubectl 1.34 on, `?-1.33 line` up to 1.33; nil when the line is about other versions.
    private static func applying(_ line: String, minor: Int) -> String? {
        guard line.hasPrefix("?"), let space = line.firstIndex(of: " ") else { return line }
        let bound = line[line.index(after: line.startIndex)..<space]
        let isUpTo = bound.hasPrefix("-")
        guard let limit = Int(bound.split(separator: ".").last ?? "") else { return line }
        guard isUpTo ? minor <= limit : minor >= limit else { return nil }
        return String(line[line.index(after: space)...])
    }

    func isMet(by outcome: Kubectl.Outcome) -> Bool {
        outcome.exitCode == exitCode && Self.match(output[...], outcome.output[...])
            && Self.match(errors[...], outcome.errors[...])
    }

    /// `...` stands for any number of lines.
    private static func match(_ expected: ArraySlice<String>, _ lines: ArraySlice<String>) -> Bool {
        guard let first = expected.first else { return lines.isEmpty }
        if first == "..." {
            return (lines.startIndex...lines.endIndex).contains { match(expected.dropFirst(), lines[$0...]) }
        }
        guard let line = lines.first, match(line: first[...], line[...]) else { return false }
        return match(expected.dropFirst(), lines.dropFirst())
    }

    /// `<age>` stands for digits and units, `<any>` for anything.
    private static func match(line expected: Substring, _ line: Substring) -> Bool {
        guard let mark = expected.firstIndex(of: "<") else { return expected == line }
        let rest = expected[mark...]
        guard line.hasPrefix(expected[..<mark]) else { return false }
        let tail = line[
            line.index(line.startIndex, offsetBy: expected.distance(from: expected.startIndex, to: mark))...
        ]
        if rest.hasPrefix("<age>") {
            let after = tail.drop { $0.isNumber || "smhdy".contains($0) }
            return after.startIndex > tail.startIndex && match(line: rest.dropFirst(5), after)
        }
        if rest.hasPrefix("<any>") {
            return tail.indices.contains { match(line: rest.dropFirst(5), tail[$0...]) }
                || match(line: rest.dropFirst(5), "")
        }
        return tail.hasPrefix("<") && match(line: rest.dropFirst(), tail.dropFirst())
    }
}
