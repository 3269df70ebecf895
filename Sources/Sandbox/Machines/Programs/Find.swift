import Foundation
import Nodes

/// find(1): paths, then an expression of tests and actions.
extension Programs {
    static func find(_ call: Invocation, _ state: inout MachineState) -> CommandResult {
        let start = call.arguments.firstIndex { $0.hasPrefix("-") || $0 == "!" || $0 == "(" } ?? call.arguments.endIndex
        let paths = start == 0 ? ["."] : Array(call.arguments[..<start])
        var parser = FindParser(words: call.arguments[start...])
        let expression: FindExpression
        do throws(FindParser.Misuse) { expression = try parser.parse() } catch {
            return .complaint("find", error.message)
        }
        var walk = FindWalk(parser: parser, expression: expression)
        for path in paths {
            guard state.files.entry(path, followLast: false) != nil else {
                walk.transcript.complain("find: ‘\(path)’: \(FileError.notFound.rawValue)")
                continue
            }
            walk.visit(path, root: path, depth: 0, &state)
        }
        return walk.transcript.result
    }
}

indirect enum FindExpression {
    case always
    case type(Character)
    case name(String)
    case path(String)
    case prune, print, print0, delete
    case format(String)
    case not(FindExpression)
    case and(FindExpression, FindExpression)
    case or(FindExpression, FindExpression)
}

struct FindParser {
    struct Misuse: Error {
        let message: String
    }

    var words: ArraySlice<String>
    var deepest = Int.max
    var shallowest = 0
    var hasAction = false

    init(words: ArraySlice<String>) { self.words = words }

    mutating func parse() throws(Misuse) -> FindExpression {
        if words.isEmpty { return .always }
        let expression = try alternatives()
        if let word = words.first { throw Misuse(message: "paths must precede expression: `\(word)'") }
        return expression
    }

    private mutating func alternatives() throws(Misuse) -> FindExpression {
        var left = try sequence()
        while words.first == "-o" || words.first == "-or" {
            words.removeFirst()
            left = .or(left, try sequence())
        }
        return left
    }

    private mutating func sequence() throws(Misuse) -> FindExpression {
        var left = try primary()
        while let word = words.first, word != "-o", word != "-or", word != ")" {
            if word == "-a" || word == "-and" { words.removeFirst() }
            left = .and(left, try primary())
        }
        return left
    }

    private mutating func primary() throws(Misuse) -> FindExpression {
        guard let word = words.popFirst() else { throw Misuse(message: "expected an expression") }
        switch word {
        case "!", "-not": return .not(try primary())
        case "(":
            let inner = try alternatives()
            guard words.popFirst() == ")" else { throw Misuse(message: "invalid expression; expected to find a ')'") }
            return inner
        case "-type":
            guard let kind = try value(word).first, "fdl".contains(kind) else {
                throw Misuse(message: "Unknown argument to -type: ")
            }
            return .type(kind)
        case "-name": return .name(try value(word))
        case "-path", "-wholename": return .path(try value(word))
        case "-maxdepth":
            deepest = try number(word)
            return .always
        case "-mindepth":
            shallowest = try number(word)
            return .always
        case "-xdev": return .always
        case "-prune": return .prune
        case "-print", "-print0", "-printf", "-delete":
            hasAction = true
            switch word {
            case "-print": return .print
            case "-print0": return .print0
            case "-delete": return .delete
            default: return .format(try value(word))
            }
        default: throw Misuse(message: "unknown predicate `\(word)'")
        }
    }

    private mutating func value(_ word: String) throws(Misuse) -> String {
        guard let value = words.popFirst() else { throw Misuse(message: "missing argument to `\(word)'") }
        return value
    }

    private mutating func number(_ word: String) throws(Misuse) -> Int {
        let text = try value(word)
        guard let number = Int(text), number >= 0 else {
            throw Misuse(message: "Expected a positive decimal integer argument to \(word), but got ‘\(text)’")
        }
        return number
    }
}

struct FindWalk {
    let parser: FindParser
    let expression: FindExpression
    var transcript = Transcript()
    private var isPruned = false

    init(parser: FindParser, expression: FindExpression) {
        self.parser = parser
        self.expression = expression
    }

    mutating func visit(_ path: String, root: String, depth: Int, _ state: inout MachineState) {
        guard let entry = state.files.entry(path, followLast: false) else { return }
        isPruned = false
        if depth >= parser.shallowest {
            let isMatch = evaluate(expression, path, root, entry, &state)
            if isMatch, !parser.hasAction { transcript.print(path) }
        }
        guard !isPruned, entry.isFolder, depth < parser.deepest, let names = try? state.files.list(path) else { return }
        for name in names {
            visit(path.hasSuffix("/") ? path + name : "\(path)/\(name)", root: root, depth: depth + 1, &state)
        }
    }

    private mutating func evaluate(
        _ expression: FindExpression,
        _ path: String,
        _ root: String,
        _ entry: FileTree.Entry,
        _ state: inout MachineState
    ) -> Bool {
        switch expression {
        case .always: return true
        case .type(let kind): return Self.kind(entry) == kind
        case .name(let pattern): return Glob.matches(pattern, FileTree.name(path))
        case .path(let pattern): return Glob.matches(pattern, path)
        case .prune:
            isPruned = true
            return true
        case .print: transcript.print(path)
        case .print0: transcript.output += Array(path.utf8) + [0]
        case .format(let format): transcript.output += Array(Self.expand(format, path, root, entry).utf8)
        case .delete: try? state.files.remove(path)
        case .not(let inner): return !evaluate(inner, path, root, entry, &state)
        case .and(let left, let right):
            return evaluate(left, path, root, entry, &state) && evaluate(right, path, root, entry, &state)
        case .or(let left, let right):
            return evaluate(left, path, root, entry, &state) || evaluate(right, path, root, entry, &state)
        }
        return true
    }

    private static func kind(_ entry: FileTree.Entry) -> Character {
        switch entry.content {
        case .file: "f"
        case .folder: "d"
        case .link: "l"
        }
    }

    private static func expand(_ format: String, _ path: String, _ root: String, _ entry: FileTree.Entry) -> String {
        var text = ""
        var rest = format[...]
        while let character = rest.popFirst() {
            switch character {
            case "\\":
                switch rest.popFirst() {
                case "n": text += "\n"
                case "t": text += "\t"
                case "0": text += "\0"
                case let other?: text.append(other)
                case nil: text += "\\"
                }
            case "%":
                switch rest.popFirst() {
                case "m": text += String(entry.mode, radix: 8)
                case "s": text += "\(entry.bytes?.count ?? 4096)"
                case "p": text += path
                case "P": text += path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : ""
                case "f": text += FileTree.name(path)
                case "h": text += FileTree.parent(path)
                case "u", "g": text += "root"
                case "y": text.append(kind(entry))
                case "T":
                    _ = rest.popFirst()
                    text += "\(entry.modified.timeIntervalSince1970)"
                case "%": text += "%"
                case let other?: text += "%\(other)"
                case nil: text += "%"
                }
            default: text.append(character)
            }
        }
        return text
    }
}

/// Patterns of `*`, `?` and `[…]`, as fnmatch(3) without flags.
enum Glob {
    static func matches(_ pattern: String, _ text: String) -> Bool { matches(Array(pattern)[...], Array(text)[...]) }

    private static func matches(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = pattern.dropFirst()
        switch first {
        case "*": return (text.startIndex...text.endIndex).contains { matches(rest, text[$0...]) }
        case "?": return !text.isEmpty && matches(rest, text.dropFirst())
        case "[":
            guard let end = rest.dropFirst().firstIndex(of: "]"), let character = text.first else { return false }
            let isNegated = rest.first == "!"
            let set = rest[(isNegated ? rest.startIndex + 1 : rest.startIndex)..<end]
            return contains(set, character) != isNegated && matches(rest[(end + 1)...], text.dropFirst())
        default: return text.first == first && matches(rest, text.dropFirst())
        }
    }

    private static func contains(_ set: ArraySlice<Character>, _ character: Character) -> Bool {
        var rest = set
        while let low = rest.popFirst() {
            if rest.first == "-", let high = rest.dropFirst().first {
                rest = rest.dropFirst(2)
                if low <= high, (low...high).contains(character) { return true }
            } else if low == character {
                return true
            }
        }
        return false
    }
}
