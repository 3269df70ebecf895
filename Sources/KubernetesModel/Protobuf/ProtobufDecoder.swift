/// Turns messages into JSON members by the schema.
///
/// Fields that are not in the schema are passed over, as a server passes over fields newer than itself. A field sent
/// twice counts the second time, unless it is a list or a map.
struct ProtobufDecoder {
    private static let deepest = 100

    let bytes: [UInt8]
    let schema = ProtobufSchema.known

    func members(
        of message: ProtobufSchema.Message,
        in range: Range<Int>,
        depth: Int
    ) throws(ModelError) -> [String: JSONValue] {
        guard depth <= Self.deepest else {
            throw .malformedProtobuf(offset: range.lowerBound, why: "messages are nested too deeply")
        }
        var sent = [Sent](repeating: .nothing, count: message.fields.count)
        var reader = ProtobufReader(bytes, in: range)
        while let found = try reader.next() {
            guard let index = message.indexes[found.number] else { continue }
            try read(found, as: message.fields[index], into: &sent[index], depth: depth)
        }
        var members: [String: JSONValue] = [:]
        for (index, field) in message.fields.enumerated() {
            try add(field, sent[index], to: &members, depth: depth)
        }
        return members
    }

    /// What the wire had for one field.
    private enum Sent {
        case nothing
        case one(JSONValue)
        case list([JSONValue])
        case map([String: JSONValue])
    }

    private func read(
        _ found: ProtobufField,
        as field: ProtobufSchema.Field,
        into sent: inout Sent,
        depth: Int
    ) throws(ModelError) {
        switch field.shape {
        case .one: sent = .one(try value(found, as: field, depth: depth))
        case .list:
            var elements: [JSONValue] = []
            if case .list(let present) = sent { elements = present }
            sent = .nothing  // gives up the second reference, so that appending does not copy
            if let numbers = try packedNumbers(found, as: field) {
                elements += numbers
            } else {
                elements.append(try value(found, as: field, depth: depth))
            }
            sent = .list(elements)
        case .map:
            var members: [String: JSONValue] = [:]
            if case .map(let present) = sent { members = present }
            sent = .nothing
            let entry = try entry(found, as: field, depth: depth)
            members[entry.key] = entry.value
            sent = .map(members)
        }
    }

    /// Applies the rule of when JSON has the field.
    private func add(
        _ field: ProtobufSchema.Field,
        _ sent: Sent,
        to members: inout [String: JSONValue],
        depth: Int
    ) throws(ModelError) {
        switch (field.presence, sent) {
        case (.inline, .one(.object(let own))): members.merge(own) { _, inner in inner }
        case (.inline, _):
            if case .object(let own) = try zero(of: field, depth: depth) { members.merge(own) { _, inner in inner } }
        case (.whenSent, .nothing): break
        case (.nullUnlessSent, .nothing): members[field.name] = .null
        case (_, .list(let elements)): members[field.name] = .array(elements)
        case (_, .map(let map)): members[field.name] = .object(map)
        case (.whenSent, .one(let value)), (.nullUnlessSent, .one(let value)), (.always, .one(let value)):
            members[field.name] = value
        case (.unlessEmpty, .one(let value)): if !isEmpty(value, as: field) { members[field.name] = value }
        case (.unlessZero, .one(let value)):
            let zero = try zero(of: field, depth: depth)
            if !value.isNull, value != zero { members[field.name] = value }
        case (.always, .nothing): members[field.name] = try zero(of: field, depth: depth)
        case (.unlessEmpty, .nothing):
            // A message is never empty to Go's encoder, whether it was sent or not.
            if field.shape == .one, !isScalar(field.content) { members[field.name] = try zero(of: field, depth: depth) }
        case (.unlessZero, .nothing): break
        }
    }

    /// Texts, numbers and booleans have an empty value that `omitempty` leaves out; messages have none.
    private func isScalar(_ content: ProtobufSchema.Content) -> Bool {
        switch content {
        case .text, .int32, .int64, .boolean, .double, .bytes, .texts: true
        default: false
        }
    }

    private func isEmpty(_ value: JSONValue, as field: ProtobufSchema.Field) -> Bool {
        guard isScalar(field.content) else { return false }
        return switch value {
        case .null, .string(""), .integer(0), .number(0), .bool(false), .array([]): true
        default: false
        }
    }

    /// What Go's zero value of the field reads as.
    private func zero(of field: ProtobufSchema.Field, depth: Int) throws(ModelError) -> JSONValue {
        guard field.shape == .one else { return .null }
        switch field.content {
        case .text: return ""
        case .int32, .int64, .double: return 0
        case .boolean: return false
        case .quantity: return "0"
        case .intOrText: return 0
        case .duration: return "0s"
        case .bytes, .time, .microTime, .rawExtension, .fields, .texts: return .null
        case .message(let index):
            return .object(try members(of: schema.messages[index], in: 0..<0, depth: depth + 1))
        }
    }
}

extension ProtobufDecoder {
    private func value(
        _ found: ProtobufField,
        as field: ProtobufSchema.Field,
        depth: Int
    ) throws(ModelError) -> JSONValue {
        switch (field.content, found.value) {
        case (.int32, .varint(let bits)): return .integer(Int64(Int32(truncatingIfNeeded: bits)))
        case (.int64, .varint(let bits)): return .integer(Int64(bitPattern: bits))
        case (.boolean, .varint(let bits)): return .bool(bits != 0)
        case (.double, .fixed(let bits)): return .number(Double(bitPattern: bits))
        case (.text, .bytes(let range)): return .string(text(range))
        case (.bytes, .bytes(let range)): return .string(Base64.text(bytes[range]))
        case (.quantity, .bytes(let range)):
            let amount = try texts(in: range, number: 1).last ?? ""
            return .string(amount.isEmpty ? "0" : amount)
        case (.texts, .bytes(let range)): return .array(try texts(in: range, number: 1).map { .string($0) })
        case (.intOrText, .bytes(let range)): return try intOrText(in: range)
        case (.time, .bytes(let range)): return try time(in: range, isFine: false)
        case (.microTime, .bytes(let range)): return try time(in: range, isFine: true)
        case (.duration, .bytes(let range)):
            let nanoseconds = Int64(bitPattern: try numbers(in: range)[1] ?? 0)
            return .string(GoDuration.text(nanoseconds: nanoseconds))
        case (.rawExtension, .bytes(let range)): return try embedded(in: range, depth: depth)
        case (.fields, .bytes(let range)): return try embedded(in: range, depth: depth)
        case (.message(let index), .bytes(let range)):
            return .object(try members(of: schema.messages[index], in: range, depth: depth + 1))
        default:
            throw .malformedProtobuf(offset: found.offset, why: "'\(field.name)' has the wire type of another type")
        }
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// Numbers of a list that was sent in one piece; nil where this is not one.
    private func packedNumbers(
        _ found: ProtobufField,
        as field: ProtobufSchema.Field
    ) throws(ModelError) -> [JSONValue]? {
        guard case .bytes(let range) = found.value else { return nil }
        guard field.content == .int32 || field.content == .int64 || field.content == .boolean else { return nil }
        var reader = ProtobufReader(bytes, in: range)
        var elements: [JSONValue] = []
        for bits in try reader.packed() {
            let one = ProtobufField(number: found.number, value: .varint(bits), offset: found.offset)
            elements.append(try value(one, as: field, depth: 0))
        }
        return elements
    }

    /// One entry of a map: a message of key and value, either of which may be missing.
    private func entry(
        _ found: ProtobufField,
        as field: ProtobufSchema.Field,
        depth: Int
    ) throws(ModelError) -> (key: String, value: JSONValue) {
        guard case .bytes(let range) = found.value else {
            throw .malformedProtobuf(offset: found.offset, why: "'\(field.name)' is a map and was sent as a number")
        }
        var single = field
        single.shape = .one
        var key = ""
        var content: JSONValue?
        var reader = ProtobufReader(bytes, in: range)
        while let part = try reader.next() {
            if part.number == 1, case .bytes(let name) = part.value { key = text(name) }
            if part.number == 2 { content = try value(part, as: single, depth: depth + 1) }
        }
        if let content { return (key, content) }
        return (key, try zero(of: single, depth: depth + 1))
    }

    private func texts(in range: Range<Int>, number: Int) throws(ModelError) -> [String] {
        var reader = ProtobufReader(bytes, in: range)
        var texts: [String] = []
        while let field = try reader.next() {
            if field.number == number, case .bytes(let range) = field.value { texts.append(text(range)) }
        }
        return texts
    }

    private func numbers(in range: Range<Int>) throws(ModelError) -> [Int: UInt64] {
        var reader = ProtobufReader(bytes, in: range)
        var numbers: [Int: UInt64] = [:]
        while let field = try reader.next() {
            if case .varint(let bits) = field.value { numbers[field.number] = bits }
        }
        return numbers
    }

    /// `{1 type, 2 number, 3 text}`, type 1 meaning text.
    private func intOrText(in range: Range<Int>) throws(ModelError) -> JSONValue {
        let numbers = try numbers(in: range)
        if numbers[1] == 1 { return .string(try texts(in: range, number: 3).last ?? "") }
        return .integer(Int64(Int32(truncatingIfNeeded: numbers[2] ?? 0)))
    }

    /// `{1 seconds, 2 nanoseconds}`; nothing at all is the zero time, which JSON writes as null.
    private func time(in range: Range<Int>, isFine: Bool) throws(ModelError) -> JSONValue {
        guard !range.isEmpty else { return .null }
        let numbers = try numbers(in: range)
        let seconds = Int64(bitPattern: numbers[1] ?? 0)
        guard isFine else { return .string(Timestamp.string(seconds: seconds)) }
        let nanoseconds = Int(Int32(truncatingIfNeeded: numbers[2] ?? 0))
        let digits = String(min(max(nanoseconds / 1000, 0), 999_999))
        let fraction = "." + String(repeating: "0", count: 6 - digits.utf8.count) + digits
        return .string(Timestamp.string(seconds: seconds, fraction: fraction))
    }

    /// `{1 raw}`, which holds JSON or, with its own envelope, protobuf.
    private func embedded(in range: Range<Int>, depth: Int) throws(ModelError) -> JSONValue {
        var reader = ProtobufReader(bytes, in: range)
        var raw: Range<Int>?
        while let field = try reader.next() {
            if field.number == 1, case .bytes(let part) = field.value { raw = part }
        }
        guard let raw, !raw.isEmpty else { return .null }
        if bytes[raw].starts(with: KubernetesProtobuf.magic) {
            guard depth < Self.deepest else {
                throw .malformedProtobuf(offset: raw.lowerBound, why: "objects are nested too deeply")
            }
            return try KubernetesProtobuf.decode(bytes, in: raw, depth: depth + 1)
        }
        do throws(JSONError) {
            return try JSONValue(parsing: Array(bytes[raw]))
        } catch {
            throw .malformedProtobuf(offset: raw.lowerBound, why: "an embedded object is not JSON: \(error)")
        }
    }
}
