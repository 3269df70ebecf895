import Foundation
import KubernetesModel

/// Workloads and budgets.
extension Table {
    /// A selector as one line: `app=web,tier in (a,b)`.
    static func selectorText(_ selector: JSONValue?) -> String {
        guard let selector else { return "<none>" }
        var terms = (selector["matchLabels"]?.stringMap ?? [:]).sorted { $0.key < $1.key }.map {
            "\($0.key)=\($0.value)"
        }
        for expression in selector["matchExpressions"]?.array ?? [] {
            let key = expression["key"]?.string ?? ""
            let values = (expression["values"]?.strings ?? []).sorted().joined(separator: ",")
            switch expression["operator"]?.string {
            case "In"?: terms.append("\(key) in (\(values))")
            case "NotIn"?: terms.append("\(key) notin (\(values))")
            case "Exists"?: terms.append(key)
            case "DoesNotExist"?: terms.append("!\(key)")
            default: break
            }
        }
        return terms.isEmpty ? "<none>" : terms.joined(separator: ",")
    }

    /// Names and images of a template's containers.
    private static func containers(_ object: KubernetesObject) -> [JSONValue] {
        let containers = object["spec", "template", "spec", "containers"]?.array ?? []
        func joined(_ field: String) -> JSONValue {
            .string(containers.compactMap { $0[field]?.string }.joined(separator: ","))
        }
        return [joined("name"), joined("image")]
    }

    private static func count(_ object: KubernetesObject, _ part: String, _ field: String) -> Int64 {
        object[part, field]?.integer ?? 0
    }

    private static func age(_ object: KubernetesObject, _ now: Date) -> JSONValue {
        .string(Age.text(since: object.creationTimestamp, now: now))
    }

    static let deployments = Table(
        ["Name", "Ready", "Up-to-date", "Available", "Age"],
        wide: ["Containers", "Images", "Selector"],
        numbers: ["Up-to-date", "Available"]
    ) { object, now in
        [
            .string(object.name),
            .string("\(count(object, "status", "readyReplicas"))/\(count(object, "spec", "replicas"))"),
            .integer(count(object, "status", "updatedReplicas")),
            .integer(count(object, "status", "availableReplicas")), age(object, now),
        ] + containers(object) + [.string(selectorText(object["spec", "selector"]))]
    }

    static let replicaSets = Table(
        ["Name", "Desired", "Current", "Ready", "Age"],
        wide: ["Containers", "Images", "Selector"],
        numbers: ["Desired", "Current", "Ready"]
    ) { object, now in
        [
            .string(object.name), .integer(count(object, "spec", "replicas")),
            .integer(count(object, "status", "replicas")), .integer(count(object, "status", "readyReplicas")),
            age(object, now),
        ] + containers(object) + [.string(selectorText(object["spec", "selector"]))]
    }

    static let statefulSets = Table(["Name", "Ready", "Age"], wide: ["Containers", "Images"]) { object, now in
        [
            .string(object.name),
            .string("\(count(object, "status", "readyReplicas"))/\(count(object, "spec", "replicas"))"),
            age(object, now),
        ] + containers(object)
    }

    static let daemonSets = Table(
        ["Name", "Desired", "Current", "Ready", "Up-to-date", "Available", "Node Selector", "Age"],
        wide: ["Containers", "Images", "Selector"],
        numbers: ["Desired", "Current", "Ready", "Up-to-date", "Available"]
    ) { object, now in
        let nodes = object["spec", "template", "spec", "nodeSelector"]
        return [
            .string(object.name), .integer(count(object, "status", "desiredNumberScheduled")),
            .integer(count(object, "status", "currentNumberScheduled")),
            .integer(count(object, "status", "numberReady")),
            .integer(count(object, "status", "updatedNumberScheduled")),
            .integer(count(object, "status", "numberAvailable")),
            .string(selectorText(["matchLabels": nodes ?? [:]])), age(object, now),
        ] + containers(object) + [.string(selectorText(object["spec", "selector"]))]
    }

    static let jobs = Table(
        ["Name", "Status", "Completions", "Duration", "Age"],
        wide: ["Containers", "Images", "Selector"]
    ) { object, now in
        let succeeded = count(object, "status", "succeeded")
        let completions: String
        if let wanted = object["spec", "completions"]?.integer {
            completions = "\(succeeded)/\(wanted)"
        } else {
            let parallelism = count(object, "spec", "parallelism")
            completions = parallelism > 1 ? "\(succeeded)/1 of \(parallelism)" : "\(succeeded)/1"
        }
        var duration = ""
        if let start = Timestamp.date(from: object["status", "startTime"]) {
            let end = Timestamp.date(from: object["status", "completionTime"]) ?? now
            duration = Age.text(seconds: Int(end.timeIntervalSince(start)))
        }
        return [
            .string(object.name), .string(jobStatus(object)), .string(completions), .string(duration),
            age(object, now),
        ] + containers(object) + [.string(selectorText(object["spec", "selector"]))]
    }

    private static func jobStatus(_ job: KubernetesObject) -> String {
        if job.condition("Complete")?.isTrue == true { return "Complete" }
        if job.condition("Failed")?.isTrue == true { return "Failed" }
        if job.isTerminating { return "Terminating" }
        if job.condition("Suspended")?.isTrue == true { return "Suspended" }
        if job.condition("FailureTarget")?.isTrue == true { return "FailureTarget" }
        if job.condition("SuccessCriteriaMet")?.isTrue == true { return "SuccessCriteriaMet" }
        return "Running"
    }

    static let cronJobs = Table(
        ["Name", "Schedule", "Timezone", "Suspend", "Active", "Last Schedule", "Age"],
        numbers: ["Active"]
    ) { object, now in
        let last = object["status", "lastScheduleTime"]?.string.map { Age.text(since: $0, now: now) }
        let suspended = object["spec", "suspend"]?.bool ?? false
        return [
            .string(object.name), object["spec", "schedule"] ?? "", object["spec", "timeZone"] ?? "<none>",
            .string(suspended ? "True" : "False"), .integer(Int64(object["status", "active"]?.array?.count ?? 0)),
            .string(last ?? "<none>"), age(object, now),
        ]
    }

    static let controllerRevisions = Table(["Name", "Controller", "Revision", "Age"]) { object, now in
        let owner = object.controller.map { "\($0.kind.lowercased()).apps/\($0.name)" } ?? "<none>"
        return [.string(object.name), .string(owner), object["revision"] ?? 0, age(object, now)]
    }

    static let podDisruptionBudgets = Table(
        ["Name", "Min Available", "Max Unavailable", "Allowed Disruptions", "Age"],
        numbers: ["Allowed Disruptions"]
    ) { object, now in
        func text(_ value: JSONValue?) -> JSONValue {
            if let number = value?.integer { return .string(String(number)) }
            return value ?? "N/A"
        }
        return [
            .string(object.name), text(object["spec", "minAvailable"]), text(object["spec", "maxUnavailable"]),
            .integer(count(object, "status", "disruptionsAllowed")), age(object, now),
        ]
    }
}
