import Foundation
import KubernetesModel

/// Nodes, namespaces, events, and what holds configuration.
extension Table {
    static let nodes = Table(
        ["Name", "Status", "Roles", "Age", "Version"],
        wide: ["Internal-IP", "External-IP", "OS-Image", "Kernel-Version", "Container-Runtime"]
    ) { object, now in
        let info = object["status", "nodeInfo"]
        func address(_ type: String) -> JSONValue {
            let found = object["status", "addresses"]?.array?.first { $0["type"]?.string == type }
            return found?["address"] ?? "<none>"
        }
        func text(_ value: JSONValue?, otherwise: String) -> String {
            value?.string.flatMap { $0.isEmpty ? nil : $0 } ?? otherwise
        }
        let unknown = "<unknown>"
        var kernel = text(info?["kernelVersion"], otherwise: unknown)
        if let architecture = info?["architecture"]?.string, kernel != unknown, !architecture.isEmpty {
            kernel += " (\(architecture))"
        }
        return [
            .string(object.name), .string(nodeStatus(object)), .string(nodeRoles(object)),
            .string(Age.text(since: object.creationTimestamp, now: now)),
            .string(text(info?["kubeletVersion"], otherwise: "")), address("InternalIP"), address("ExternalIP"),
            .string(text(info?["osImage"], otherwise: unknown)), .string(kernel),
            .string(text(info?["containerRuntimeVersion"], otherwise: unknown)),
        ]
    }

    private static func nodeStatus(_ node: KubernetesObject) -> String {
        var status: [String] = []
        switch node.condition("Ready")?.status {
        case "True"?: status.append("Ready")
        case nil: status.append("Unknown")
        default: status.append("NotReady")
        }
        if node["spec", "unschedulable"]?.bool == true { status.append("SchedulingDisabled") }
        return status.joined(separator: ",")
    }

    private static func nodeRoles(_ node: KubernetesObject) -> String {
        let mark = "node-role.kubernetes.io/"
        var roles = Set(node.labels.keys.filter { $0.hasPrefix(mark) }.map { String($0.dropFirst(mark.count)) })
        if let role = node.labels["kubernetes.io/role"], !role.isEmpty { roles.insert(role) }
        roles.remove("")
        return roles.isEmpty ? "<none>" : roles.sorted().joined(separator: ",")
    }

    static let namespaces = Table(["Name", "Status", "Age"]) { object, now in
        [
            .string(object.name), object["status", "phase"] ?? "",
            .string(Age.text(since: object.creationTimestamp, now: now)),
        ]
    }

    static let events = Table(
        ["Last Seen", "Type", "Reason", "Object"],
        wide: ["Subobject", "Source"]
    ) { object, now in
        func age(_ field: String) -> String? {
            guard let time = object[field]?.string, !time.isEmpty else { return nil }
            return Age.text(since: time, now: now)
        }
        let first = age("firstTimestamp") ?? age("eventTime") ?? "<unknown>"
        let last = age("lastTimestamp") ?? first
        let involved = object["involvedObject"]
        let kind = involved?["kind"]?.string?.lowercased() ?? ""
        let source = object["source", "component"]?.string ?? object["reportingComponent"]?.string ?? ""
        let host = object["source", "host"]?.string.map { ", \($0)" } ?? ""
        return [
            .string(last), object["type"] ?? "", object["reason"] ?? "",
            .string("\(kind)/\(involved?["name"]?.string ?? "")"), involved?["fieldPath"] ?? "",
            .string(source + host), object["message"] ?? "", .string(first),
            .integer(object["count"]?.integer ?? 1), .string(object.name),
        ]
    }
    .adding([
        Column(name: "Message"), Column(name: "First Seen", priority: 1),
        Column(name: "Count", type: "integer", priority: 1), Column(name: "Name", priority: 1),
    ])

    private func adding(_ more: [Column]) -> Table {
        var table = self
        table.columns += more
        return table
    }

    static let configMaps = Table(["Name", "Data", "Age"], numbers: ["Data"]) { object, now in
        let count = (object["data"]?.object?.count ?? 0) + (object["binaryData"]?.object?.count ?? 0)
        return [
            .string(object.name), .integer(Int64(count)), .string(Age.text(since: object.creationTimestamp, now: now)),
        ]
    }

    static let secrets = Table(["Name", "Type", "Data", "Age"], numbers: ["Data"]) { object, now in
        [
            .string(object.name), object["type"] ?? "", .integer(Int64(object["data"]?.object?.count ?? 0)),
            .string(Age.text(since: object.creationTimestamp, now: now)),
        ]
    }

    static let serviceAccounts = Table(["Name", "Secrets", "Age"], numbers: ["Secrets"]) { object, now in
        [
            .string(object.name), .integer(Int64(object["secrets"]?.array?.count ?? 0)),
            .string(Age.text(since: object.creationTimestamp, now: now)),
        ]
    }

    static let services = Table(
        ["Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age"],
        wide: ["Selector"]
    ) { object, now in
        let ports = (object["spec", "ports"]?.array ?? []).map { port in
            let number = port["port"]?.int ?? 0
            let outside = port["nodePort"]?.int.map { ":\($0)" } ?? ""
            return "\(number)\(outside)/\(port["protocol"]?.string ?? "TCP")"
        }
        return [
            .string(object.name), object["spec", "type"] ?? "", object["spec", "clusterIP"] ?? "<none>",
            object["spec", "externalName"] ?? "<none>",
            .string(ports.isEmpty ? "<none>" : ports.joined(separator: ",")),
            .string(Age.text(since: object.creationTimestamp, now: now)),
            .string(selectorText(["matchLabels": object["spec", "selector"] ?? [:]])),
        ]
    }

    static let leases = Table(["Name", "Holder", "Age"]) { object, now in
        [
            .string(object.name), object["spec", "holderIdentity"] ?? "",
            .string(Age.text(since: object.creationTimestamp, now: now)),
        ]
    }

    static let csiNodes = Table(["Name", "Drivers", "Age"], numbers: ["Drivers"]) { object, now in
        [
            .string(object.name), .integer(Int64(object["spec", "drivers"]?.array?.count ?? 0)),
            .string(Age.text(since: object.creationTimestamp, now: now)),
        ]
    }

    static let priorityClasses = Table(
        ["Name", "Value", "Global-Default", "Age"],
        wide: ["PreemptionPolicy"],
        numbers: ["Value"]
    ) { object, now in
        [
            .string(object.name), object["value"] ?? 0, object["globalDefault"] ?? false,
            .string(Age.text(since: object.creationTimestamp, now: now)), object["preemptionPolicy"] ?? "",
        ]
    }

    static let claims = Table(
        ["Name", "Status", "Volume", "Capacity", "Access Modes", "StorageClass", "VolumeAttributesClass", "Age"],
        wide: ["VolumeMode"]
    ) { object, now in
        let phase = object.isTerminating ? "Terminating" : object["status", "phase"] ?? ""
        return [
            .string(object.name), phase, object["spec", "volumeName"] ?? "",
            object["status", "capacity", "storage"] ?? "", .string(accessModes(object["status", "accessModes"])),
            object["spec", "storageClassName"] ?? "", object["spec", "volumeAttributesClassName"] ?? "<unset>",
            .string(Age.text(since: object.creationTimestamp, now: now)), object["spec", "volumeMode"] ?? "",
        ]
    }

    static let volumes = Table(
        ["Name", "Capacity", "Access Modes", "Reclaim Policy", "Status", "Claim", "StorageClass", "Age"],
        wide: ["VolumeMode"]
    ) { object, now in
        let claim = object["spec", "claimRef"].map { "\($0["namespace"]?.string ?? "")/\($0["name"]?.string ?? "")" }
        return [
            .string(object.name), object["spec", "capacity", "storage"] ?? "",
            .string(accessModes(object["spec", "accessModes"])),
            object["spec", "persistentVolumeReclaimPolicy"] ?? "", object["status", "phase"] ?? "",
            .string(claim ?? ""), object["spec", "storageClassName"] ?? "",
            .string(Age.text(since: object.creationTimestamp, now: now)), object["spec", "volumeMode"] ?? "",
        ]
    }

    static let storageClasses = Table(
        ["Name", "Provisioner", "ReclaimPolicy", "VolumeBindingMode", "AllowVolumeExpansion", "Age"]
    ) { object, now in
        let isDefault = object.annotations["storageclass.kubernetes.io/is-default-class"] == "true"
        return [
            .string(object.name + (isDefault ? " (default)" : "")), object["provisioner"] ?? "",
            object["reclaimPolicy"] ?? "", object["volumeBindingMode"] ?? "",
            object["allowVolumeExpansion"] ?? false, .string(Age.text(since: object.creationTimestamp, now: now)),
        ]
    }

    private static func accessModes(_ modes: JSONValue?) -> String {
        let short = [
            "ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP",
        ]
        return (modes?.strings ?? []).map { short[$0] ?? $0 }.joined(separator: ",")
    }
}
