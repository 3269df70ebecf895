import Foundation
import KubernetesModel

extension Table {
    static let pods = Table(
        ["Name", "Ready", "Status", "Restarts", "Age"],
        wide: ["IP", "Node", "Nominated Node", "Readiness Gates"]
    ) { object, now in
        let summary = PodSummary(object, now: now)
        func text(_ value: JSONValue?) -> JSONValue {
            if let text = value?.string, !text.isEmpty { .string(text) } else { "<none>" }
        }
        let gates = object["spec", "readinessGates"]?.array ?? []
        let passed = gates.filter { gate in
            gate["conditionType"]?.string.flatMap { object.condition($0)?.isTrue } ?? false
        }
        return [
            .string(object.name), .string("\(summary.ready)/\(summary.total)"), .string(summary.status),
            .string(summary.restartText), .string(Age.text(since: object.creationTimestamp, now: now)),
            text(object["status", "podIP"]), text(object["spec", "nodeName"]),
            text(object["status", "nominatedNodeName"]),
            .string(gates.isEmpty ? "<none>" : "\(passed.count)/\(gates.count)"),
        ]
    }
}

/// What one line says about a pod: how many containers are ready, what it is doing, how often it was restarted.
struct PodSummary {
    var ready = 0
    var total: Int
    var status: String
    var restarts: Int64 = 0
    var restartText: String

    init(_ pod: KubernetesObject, now: Date) {
        let initContainers = pod["spec", "initContainers"]?.array ?? []
        let sidecars = Set(
            initContainers.filter { $0["restartPolicy"] == "Always" }.compactMap { $0["name"]?.string }
        )
        total = (pod["spec", "containers"]?.array?.count ?? 0) + sidecars.count
        status = pod["status", "phase"]?.string ?? ""
        restartText = ""
        if let reason = pod["status", "reason"]?.string, !reason.isEmpty { status = reason }
        if pod.condition("PodScheduled")?.reason == "SchedulingGated" { status = "SchedulingGated" }

        var lastRestart: Date?
        var isInitialising = false
        for (index, container) in (pod["status", "initContainerStatuses"]?.array ?? []).enumerated() {
            restarts += container["restartCount"]?.integer ?? 0
            Self.note(restart: container, &lastRestart)
            let isSidecar = sidecars.contains(container["name"]?.string ?? "")
            let state = container["state"] ?? [:]
            if isSidecar, container["started"]?.bool == true {
                if container["ready"]?.bool == true { ready += 1 }
                continue
            }
            if state["terminated", "exitCode"] == 0 { continue }
            isInitialising = true
            if let ended = state["terminated"] {
                status = "Init:" + Self.reason(ofEnd: ended)
            } else if let reason = state["waiting", "reason"]?.string, !reason.isEmpty, reason != "PodInitializing" {
                status = "Init:\(reason)"
            } else {
                status = "Init:\(index)/\(initContainers.count)"
            }
            break
        }
        if !isInitialising || pod.condition("Initialized")?.isTrue == true {
            readContainers(pod, &lastRestart)
        }
        let isOver = pod["status", "phase"] == "Succeeded" || pod["status", "phase"] == "Failed"
        if pod.isTerminating, pod["status", "reason"] == "NodeLost" {
            status = "Unknown"
        } else if pod.isTerminating, !isOver {
            status = "Terminating"
        }
        restartText = String(restarts)
        if restarts > 0, let lastRestart {
            restartText += " (\(Age.text(seconds: Int(now.timeIntervalSince(lastRestart)))) ago)"
        }
    }

    private mutating func readContainers(_ pod: KubernetesObject, _ lastRestart: inout Date?) {
        var isAnyRunning = false
        restarts = 0
        lastRestart = nil
        for container in (pod["status", "containerStatuses"]?.array ?? []).reversed() {
            restarts += container["restartCount"]?.integer ?? 0
            Self.note(restart: container, &lastRestart)
            let state = container["state"] ?? [:]
            if let reason = state["waiting", "reason"]?.string, !reason.isEmpty {
                status = reason
            } else if let ended = state["terminated"] {
                status = Self.reason(ofEnd: ended)
            } else if container["ready"]?.bool == true, state["running"] != nil {
                isAnyRunning = true
                ready += 1
            }
        }
        if status == "Completed", isAnyRunning {
            status = pod.condition("Ready")?.isTrue == true ? "Running" : "NotReady"
        }
    }

    private static func note(restart container: JSONValue, _ last: inout Date?) {
        guard let date = Timestamp.date(from: container["lastState", "terminated", "finishedAt"]) else { return }
        last = max(last ?? date, date)
    }

    private static func reason(ofEnd ended: JSONValue) -> String {
        if let reason = ended["reason"]?.string, !reason.isEmpty { return reason }
        if let signal = ended["signal"]?.integer, signal != 0 { return "Signal:\(signal)" }
        return "ExitCode:\(ended["exitCode"]?.integer ?? 0)"
    }
}
