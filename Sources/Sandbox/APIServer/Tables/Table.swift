import Foundation
import KubernetesModel

/// How a kind is shown in tables: its columns, and an object's cells.
struct Table: Sendable {
    struct Column: Sendable {
        var name: String
        var type = "string"
        /// 1: shown only with `-o wide`.
        var priority = 0

        var value: JSONValue {
            [
                "name": .string(name), "type": .string(type), "format": name == "Name" ? "name" : "",
                "description": "", "priority": .integer(Int64(priority)),
            ]
        }
    }

    var columns: [Column]
    var cells: @Sendable (KubernetesObject, Date) -> [JSONValue]

    /// Columns by name; those after `wide` are shown only with `-o wide`.
    init(
        _ names: [String],
        wide: [String] = [],
        numbers: Set<String> = [],
        cells: @escaping @Sendable (KubernetesObject, Date) -> [JSONValue]
    ) {
        columns =
            names.map { Column(name: $0, type: numbers.contains($0) ? "integer" : "string") }
            + wide.map { Column(name: $0, type: numbers.contains($0) ? "integer" : "string", priority: 1) }
        self.cells = cells
    }

    /// The table of a kind; one with name and age where it has none of its own.
    static func of(kind: String) -> Table { byKind[kind] ?? plain }

    private static let plain = Table(["Name", "Age"]) { object, now in
        [.string(object.name), .string(Age.text(since: object.creationTimestamp, now: now))]
    }

    private static let byKind: [String: Table] = [
        "Node": .nodes, "Pod": .pods, "Namespace": .namespaces, "Event": .events, "ConfigMap": .configMaps,
        "Secret": .secrets, "Service": .services, "Lease": .leases, "PodDisruptionBudget": .podDisruptionBudgets,
        "PriorityClass": .priorityClasses, "PersistentVolumeClaim": .claims, "PersistentVolume": .volumes,
        "StorageClass": .storageClasses, "Deployment": .deployments, "ReplicaSet": .replicaSets,
        "StatefulSet": .statefulSets, "DaemonSet": .daemonSets, "Job": .jobs, "CronJob": .cronJobs,
        "ServiceAccount": .serviceAccounts, "CSINode": .csiNodes, "ControllerRevision": .controllerRevisions,
    ]
}

/// What a table shows of each object besides its cells (`includeObject`).
enum IncludedObject: String, Sendable {
    case none = "None"
    case metadata = "Metadata"
    case whole = "Object"
}

extension Table {
    /// The `Table` document of meta.k8s.io.
    func document(
        _ objects: [KubernetesObject],
        version: String,
        metadata: JSONValue,
        include: IncludedObject,
        withColumns: Bool = true,
        now: Date
    ) -> JSONValue {
        [
            "kind": "Table", "apiVersion": .string("meta.k8s.io/\(version)"), "metadata": metadata,
            "columnDefinitions": withColumns ? .array(columns.map(\.value)) : .array([]),
            "rows": .array(
                objects.map { object in
                    var row: JSONValue = ["cells": .array(cells(object, now))]
                    switch include {
                    case .none: break
                    case .whole: row["object"] = object.value
                    case .metadata: row["object"] = Self.partial(object, version: version)
                    }
                    return row
                }
            ),
        ]
    }

    /// The metadata of an object and nothing else.
    static func partial(_ object: KubernetesObject, version: String = "v1") -> JSONValue {
        [
            "kind": "PartialObjectMetadata", "apiVersion": .string("meta.k8s.io/\(version)"),
            "metadata": object["metadata"] ?? [:],
        ]
    }
}

/// How long ago something was, as kubectl shows it: `5d3h`.
enum Age {
    static func text(since timestamp: String?, now: Date) -> String {
        guard let timestamp, let date = Timestamp.date(from: timestamp) else { return "<unknown>" }
        return text(seconds: Int(now.timeIntervalSince(date)))
    }

    static func text(seconds: Int) -> String {
        func both(_ large: Int, _ unit: String, _ small: Int, _ smallUnit: String) -> String {
            small == 0 ? "\(large)\(unit)" : "\(large)\(unit)\(small)\(smallUnit)"
        }
        if seconds < -1 { return "<invalid>" }
        if seconds < 0 { return "0s" }
        let minutes = seconds / 60
        let hours = minutes / 60
        let days = hours / 24
        if minutes < 2 { return "\(seconds)s" }
        if minutes < 10 { return both(minutes, "m", seconds % 60, "s") }
        if minutes < 180 { return "\(minutes)m" }
        if hours < 8 { return both(hours, "h", minutes % 60, "m") }
        if hours < 48 { return "\(hours)h" }
        if hours < 192 { return both(days, "d", hours % 24, "h") }
        if days < 730 { return "\(days)d" }
        if days < 2920 { return both(days / 365, "y", days % 365, "d") }
        return "\(days / 365)y"
    }
}
