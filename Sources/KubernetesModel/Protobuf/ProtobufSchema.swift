/// How Kubernetes' objects are encoded in protobuf and how the same fields read in JSON: a table, looked up by group,
/// version and kind.
///
/// Provenance: message names, field numbers, types and JSON names are facts of the published API (`types.go` and
/// `generated.proto` of kubernetes/api and kubernetes/apimachinery, releases v0.20.0 to v0.36.0 and v0.37 before its
/// release), collected once and compared with both files; fields that later releases removed are kept. The table is
/// ours and is kept up by hand: a new field is one more entry.
///
/// A line of the table is one message: its name, then its fields; a line that begins with a space continues it, and
/// `= apps/v1` opens a group and version. A field is `20?initContainers:[]Container@28`:
///
/// - its number;
/// - when JSON has it: `=` always, `?` unless empty (a message counts as never empty, as for Go's `omitempty`), `~`
///   unless zero, `*` when it was sent, `!` always and null when it was not sent, `+` its own members instead of it;
/// - its name in JSON;
/// - its type: `s` text, `i` and `l` whole numbers of 32 and 64 bits, `b` boolean, `d` double, `y` bytes, `Q` quantity,
///   `I` number or text, `T` time, `U` time to the microsecond, `D` duration, `R` any object, `F` a set of fields, `V`
///   a list of texts in a message of its own, or a message (`Container`, `core.PodSpec`, `batch/v1.JobSpec`); after `[]`
///   a list, after `{}` a map from text;
/// - the first minor release that has it, where that is later than 1.20.
struct ProtobufSchema: Sendable {
    enum Presence: UInt8, Sendable {
        case always = 0x3D  // =
        case unlessEmpty = 0x3F  // ?
        case unlessZero = 0x7E  // ~
        case whenSent = 0x2A  // *
        case nullUnlessSent = 0x21  // !
        case inline = 0x2B  // +
    }

    enum Content: Sendable, Hashable {
        case text, int32, int64, boolean, double, bytes
        case quantity, intOrText, time, microTime, duration, rawExtension, fields, texts
        /// An index into ``messages``.
        case message(Int)
    }

    enum Shape: Sendable, Hashable {
        case one, list, map
    }

    struct Field: Sendable {
        var number: Int
        var presence: Presence
        var name: String
        var shape: Shape
        var content: Content
        /// The first minor release of Kubernetes 1 that has the field.
        var since: Int
    }

    struct Message: Sendable {
        var name: String
        var fields: [Field] = []
        /// Field number → index into ``fields``.
        var indexes: [Int: Int] = [:]
    }

    private(set) var messages: [Message] = []
    private var indexes: [String: Int] = [:]

    /// Read at first use, which takes a few milliseconds.
    static let known = ProtobufSchema([metaV1, coreV1, workloads, access, network, resources])

    /// The message of a kind. Kinds of meta/v1 (`DeleteOptions`) may be named with any group and version.
    func message(for type: GroupVersionKind) -> Message? {
        let group = type.groupVersion.group.split(separator: ".").first.map(String.init) ?? "core"
        let index = indexes["\(group)/\(type.groupVersion.version).\(type.kind)"] ?? indexes["meta/v1.\(type.kind)"]
        return index.map { messages[$0] }
    }

    // MARK: Reading the table

    init(_ texts: [String]) {
        for text in texts {
            var package = ""
            var owner: Int?
            for line in text.split(separator: "\n") {
                var words = line.split(separator: " ")
                guard let head = words.first else { continue }
                if head == "=" {
                    package = String(words.last ?? "")
                } else {
                    if line.first != " " {
                        owner = index(of: "\(package).\(head)")
                        words.removeFirst()
                    }
                    if let owner { for word in words { add(word, of: package, to: owner) } }
                }
            }
        }
    }

    private mutating func index(of name: String) -> Int {
        if let index = indexes[name] { return index }
        messages.append(Message(name: name))
        indexes[name] = messages.count - 1
        return messages.count - 1
    }

    /// An entry that cannot be read is left out; a test reads every entry back.
    private mutating func add(_ entry: Substring, of package: String, to owner: Int) {
        let digits = entry.prefix { $0.isNumber }
        let rest = entry[digits.endIndex...]
        guard let number = Int(digits), let sign = rest.utf8.first, let presence = Presence(rawValue: sign),
            let colon = rest.firstIndex(of: ":")
        else { return }
        let name = rest[rest.index(after: rest.startIndex)..<colon]
        let parts = rest[rest.index(after: colon)...].split(separator: "@")
        guard var type = parts.first else { return }
        var shape = Shape.one
        if type.hasPrefix("[]") || type.hasPrefix("{}") {
            shape = type.hasPrefix("[]") ? .list : .map
            type = type.dropFirst(2)
        }
        let field = Field(
            number: number,
            presence: presence,
            name: String(name),
            shape: shape,
            content: content(type, in: package),
            since: parts.count > 1 ? Int(parts[1]) ?? 20 : 20
        )
        messages[owner].indexes[number] = messages[owner].fields.count
        messages[owner].fields.append(field)
    }

    private mutating func content(_ type: Substring, in package: String) -> Content {
        switch type {
        case "s": return .text
        case "i": return .int32
        case "l": return .int64
        case "b": return .boolean
        case "d": return .double
        case "y": return .bytes
        case "Q": return .quantity
        case "I": return .intOrText
        case "T": return .time
        case "U": return .microTime
        case "D": return .duration
        case "R": return .rawExtension
        case "F": return .fields
        case "V": return .texts
        default: break
        }
        guard let point = type.lastIndex(of: ".") else { return .message(index(of: "\(package).\(type)")) }
        let owner = type[..<point]
        let name = type[type.index(after: point)...]
        return .message(index(of: "\(owner.contains("/") ? String(owner) : "\(owner)/v1").\(name)"))
    }
}
