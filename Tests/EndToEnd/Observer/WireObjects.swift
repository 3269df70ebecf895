import Foundation

/// The few fields of Kubernetes objects that the observer judges by, decoded by Foundation.
struct WireObject: Decodable, Sendable, Hashable {
    struct Metadata: Decodable, Sendable, Hashable {
        var name: String?
        var namespace: String?
        var uid: String?
        var resourceVersion: String
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
    var object: WireObject
}

/// What a watch (or the list it began with) said, in the order it said it.
struct SeenEvent: Sendable {
    enum Kind: Sendable { case listed, added, modified, deleted }
    var kind: Kind
    var object: WireObject
    var version: Int

    init(_ kind: Kind, _ object: WireObject) {
        self.kind = kind
        self.object = object
        version = Int(object.metadata.resourceVersion) ?? 0
    }

    init(_ event: WireEvent) {
        self.init(event.type == "ADDED" ? .added : event.type == "DELETED" ? .deleted : .modified, event.object)
    }
}
