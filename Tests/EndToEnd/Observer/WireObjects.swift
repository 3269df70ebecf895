import Foundation

/// The few fields of Kubernetes objects that the observer judges by, decoded by Foundation.
struct WireObject: Decodable, Sendable, Hashable {
    struct Metadata: Decodable, Sendable, Hashable {
        var name: String?
        var namespace: String?
        var uid: String?
        /// Missing in etcd, where the key's revision is the version.
        var resourceVersion: String?
        var labels: [String: String]?
        var deletionTimestamp: String?
        var annotations: [String: String]?
    }

    struct Condition: Decodable, Sendable, Hashable {
        var type: String
        var status: String
    }

    struct Selector: Decodable, Sendable, Hashable { var matchLabels: [String: String]? }

    /// A whole number or a percentage.
    enum Amount: Decodable, Sendable, Hashable {
        case count(Int)
        case text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let count = try? container.decode(Int.self) {
                self = .count(count)
            } else {
                self = .text(try container.decode(String.self))
            }
        }
    }

    struct Container: Decodable, Sendable, Hashable {
        struct Resources: Decodable, Sendable, Hashable { var requests: [String: String]? }
        var image: String?
        var resources: Resources?
    }

    struct Taint: Decodable, Sendable, Hashable {
        var key: String
        var effect: String
    }

    struct Spec: Decodable, Sendable, Hashable {
        var nodeName: String?
        var containers: [Container]?
        var unschedulable: Bool?
        var taints: [Taint]?
        var selector: Selector?
        var minAvailable: Amount?
        var maxUnavailable: Amount?
    }

    struct NodeInfo: Decodable, Sendable, Hashable { var kubeletVersion: String }

    struct Status: Decodable, Sendable, Hashable {
        var phase: String?
        var conditions: [Condition]?
        var nodeInfo: NodeInfo?
        var allocatable: [String: String]?
    }

    var kind: String?
    var metadata: Metadata
    var spec: Spec?
    var status: Status?

    var identity: String { "\(metadata.namespace ?? "")/\(metadata.name ?? "")" }
    var isReady: Bool { status?.conditions?.contains { $0.type == "Ready" && $0.status == "True" } ?? false }
    var isHealthyPod: Bool { isReady && metadata.deletionTimestamp == nil }
}

struct WireList: Decodable, Sendable {
    struct Metadata: Decodable, Sendable { var resourceVersion: String }
    var metadata: Metadata
    var items: [WireObject]
}

struct WireEvent: Decodable, Sendable {
    var type: String
    /// Nil for an error, whose object is a Status.
    var object: WireObject?

    private enum CodingKeys: String, CodingKey { case type, object }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        type = try container.decode(String.self, forKey: .type)
        object = type == "ERROR" ? nil : try container.decode(WireObject.self, forKey: .object)
    }
}

/// What is watched: by its path at an API server, and by the folder of its keys in etcd.
enum ObservedResource: String, CaseIterable, Sendable {
    case pods = "/api/v1/pods"
    case nodes = "/api/v1/nodes"
    case budgets = "/apis/policy/v1/poddisruptionbudgets"

    var keys: String {
        switch self {
        case .pods: "/registry/pods/"
        case .nodes: "/registry/minions/"
        case .budgets: "/registry/poddisruptionbudgets/"
        }
    }
}

/// One change of one object, at the revision of etcd that it was made in.
struct SeenEvent: Sendable {
    enum Kind: Sendable { case listed, added, modified, deleted }
    var resource: ObservedResource
    var kind: Kind
    var object: WireObject
    var version: Int

    init(_ resource: ObservedResource, _ kind: Kind, _ object: WireObject, version: Int? = nil) {
        self.resource = resource
        self.kind = kind
        self.object = object
        self.version = version ?? object.metadata.resourceVersion.flatMap { Int($0) } ?? 0
    }

    init(_ resource: ObservedResource, _ type: String, _ object: WireObject) {
        self.init(resource, type == "ADDED" ? .added : type == "DELETED" ? .deleted : .modified, object)
    }

    /// The object and version, so that two observations of one change are equal.
    var identity: String { "\(resource.rawValue) \(object.identity) \(version)" }
}
