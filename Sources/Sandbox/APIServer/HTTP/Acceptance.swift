/// The forms of an answer a client takes, read from its `Accept` header in the client's order.
struct Acceptance: Sendable, Equatable {
    enum Form: Sendable, Equatable {
        case json
        case table(version: String)
        case partialMetadata
        case discovery(version: String)
        case protobuf
        case yaml
        case other(String)
    }

    var forms: [Form]

    init(_ header: String?) {
        forms = (header ?? "*/*").split(separator: ",").map { Self.form($0) }
        if forms.isEmpty { forms = [.json] }
    }

    /// The first form that the server can give for an object or a list.
    var best: Form? {
        forms.first { form in
            switch form {
            case .json, .table, .partialMetadata, .yaml: true
            case .discovery, .protobuf, .other: false
            }
        }
    }

    /// The versions of aggregated discovery asked for, best first.
    var discoveryVersions: [String] {
        forms.compactMap { if case .discovery(let version) = $0 { version } else { nil } }
    }

    private static func form(_ text: Substring) -> Form {
        let parts = text.split(separator: ";").map { $0.filter { $0 != " " } }
        let type = parts.first ?? ""
        var parameters: [String: String] = [:]
        for part in parts.dropFirst() {
            let halves = part.split(separator: "=", maxSplits: 1)
            if halves.count == 2 { parameters[String(halves[0])] = String(halves[1]) }
        }
        switch type {
        case "application/json", "*/*", "application/*":
            switch parameters["as"] {
            case "Table"?: return .table(version: parameters["v"] ?? "v1")
            case "PartialObjectMetadata"?, "PartialObjectMetadataList"?: return .partialMetadata
            case "APIGroupDiscoveryList"?: return .discovery(version: parameters["v"] ?? "")
            case nil: return .json
            case let other?: return .other(other)
            }
        case "application/yaml": return .yaml
        case "application/vnd.kubernetes.protobuf": return .protobuf
        default: return .other(type)
        }
    }
}
