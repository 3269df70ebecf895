/// Written as `{"stacked": ["cp-1"]}` or `{"external": ["https://…"], "isReachable": true}`.
extension PlanEtcd: Codable {
    private enum Key: String, CodingKey {
        case stacked
        case external
        case isReachable
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        if let members = try container.decodeIfPresent([String].self, forKey: .stacked) {
            self = .stacked(members: members)
        } else {
            self = .external(
                endpoints: try container.decode([String].self, forKey: .external),
                isReachable: try container.decode(Bool.self, forKey: .isReachable)
            )
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .stacked(let members): try container.encode(members, forKey: .stacked)
        case .external(let endpoints, let isReachable):
            try container.encode(endpoints, forKey: .external)
            try container.encode(isReachable, forKey: .isReachable)
        }
    }
}

/// Written as `["all"]`, `["control-plane"]`, or `["nodes", "cp-1", "worker-2"]`, so that no node's name is a keyword.
extension PlanPolicy.Scope: Codable {
    package init(from decoder: any Decoder) throws {
        let words = try decoder.singleValueContainer().decode([String].self)
        switch words.first {
        case "all": self = .all
        case "control-plane": self = .controlPlane
        case "nodes": self = .nodes(Array(words.dropFirst()))
        default:
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "'only' is all, control-plane or nodes")
            )
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .all: try container.encode(["all"])
        case .controlPlane: try container.encode(["control-plane"])
        case .nodes(let names): try container.encode(["nodes"] + names)
        }
    }
}
