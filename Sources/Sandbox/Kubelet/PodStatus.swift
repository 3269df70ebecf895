import KubernetesModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A pod's status as a kubelet writes it. Conditions of others (PodScheduled, DisruptionTarget) are kept.
struct PodStatus: Sendable {
    var phase: String
    var isReady: Bool
    var isInitialized: Bool
    var hostIP: String
    var podIP: String?
    var startTime: Date
    var state: ContainerState
    var lastState: ContainerState?
    var restarts: Int

    enum ContainerState: Sendable, Hashable {
        case waiting(reason: String, message: String? = nil)
        case running(since: Date)
        case terminated(code: Int, started: Date, finished: Date)
    }

    /// `present` with this kubelet's part brought up to date.
    func applied(to pod: KubernetesObject, now: Date) -> JSONValue {
        var status = pod.status
        status["phase"] = .string(phase)
        status["hostIP"] = .string(hostIP)
        status["hostIPs"] = [["ip": .string(hostIP)]]
        status["podIP"] = podIP.map { .string($0) }
        status["podIPs"] = podIP.map { [["ip": .string($0)]] }
        if status["startTime"] == nil { status["startTime"] = .string(Timestamp.string(from: startTime)) }
        if status["qosClass"] == nil { status["qosClass"] = .string(Self.qualityOfService(pod)) }
        let isOver = phase == "Succeeded" || phase == "Failed"
        let names = (pod.spec["containers"]?.array ?? []).compactMap { $0["name"]?.string }
        let unready = "containers with unready status: [\(names.joined(separator: " "))]"
        let reason = phase == "Succeeded" ? "PodCompleted" : isOver ? "PodFailed" : "ContainersNotReady"
        let why: (reason: String?, message: String?) = isReady ? (nil, nil) : (reason, isOver ? nil : unready)
        func set(_ type: String, _ isTrue: Bool, _ why: (reason: String?, message: String?)) {
            status.setCondition(
                type,
                isTrue ? "True" : "False",
                reason: isTrue && phase != "Succeeded" ? nil : why.reason,
                message: isTrue ? nil : why.message,
                now: now,
                extra: ["lastProbeTime": .null]
            )
        }
        set("PodReadyToStartContainers", !isOver && podIP != nil, (nil, nil))
        set("Initialized", isInitialized, ("ContainersNotInitialized", nil))
        set("Ready", isReady, why)
        set("ContainersReady", isReady, why)
        if status.condition("PodScheduled") == nil { set("PodScheduled", true, (nil, nil)) }
        status["containerStatuses"] = containers(of: pod, "containers", isInit: false)
        status["initContainerStatuses"] = containers(of: pod, "initContainers", isInit: true)
        return status
    }

    private func containers(of pod: KubernetesObject, _ member: String, isInit: Bool) -> JSONValue? {
        guard let containers = pod.spec[member]?.array, !containers.isEmpty else { return nil }
        return .array(containers.map { container(of: pod, $0, isInit: isInit) })
    }

    private func container(of pod: KubernetesObject, _ container: JSONValue, isInit: Bool) -> JSONValue {
        let name = container["name"]?.string ?? ""
        let image = container["image"]?.string ?? ""
        // A sidecar (an init container that is restarted always) goes on as the others do.
        let isDone = isInit && container["restartPolicy"]?.string != "Always" && isInitialized
        let id = "containerd://" + Self.digest("\(pod.uid)/\(name)/\(restarts)")
        let wasStarted = if case .waiting = state { false } else { true }
        let shown = isDone ? .terminated(code: 0, started: startTime, finished: startTime) : state
        return [
            "name": .string(name), "image": .string(image),
            "imageID": wasStarted || isDone ? .string(Self.repository(image) + "@sha256:" + Self.digest(image)) : "",
            "containerID": wasStarted || isDone ? .string(id) : "",
            "ready": .bool(isDone || isReady),
            "started": .bool(!isDone && isRunning),
            "restartCount": .integer(Int64(isDone ? 0 : restarts)),
            "state": Self.value(shown, id),
            "lastState": isDone ? [:] : lastState.map { Self.value($0, id) } ?? [:],
        ]
    }

    private var isRunning: Bool { if case .running = state { true } else { false } }

    private static func value(_ state: ContainerState, _ id: String) -> JSONValue {
        switch state {
        case .waiting(let reason, let message):
            var waiting: JSONValue = ["reason": .string(reason)]
            if let message { waiting["message"] = .string(message) }
            return ["waiting": waiting]
        case .running(let since): return ["running": ["startedAt": .string(Timestamp.string(from: since))]]
        case .terminated(let code, let started, let finished):
            return [
                "terminated": [
                    "exitCode": .integer(Int64(code)), "reason": code == 0 ? "Completed" : "Error",
                    "startedAt": .string(Timestamp.string(from: started)),
                    "finishedAt": .string(Timestamp.string(from: finished)), "containerID": .string(id),
                ]
            ]
        }
    }

    /// An image without its tag.
    private static func repository(_ image: String) -> String {
        guard let colon = image.lastIndex(of: ":"), !image[colon...].contains("/") else { return image }
        return String(image[..<colon])
    }

    /// 64 hexadecimal digits that stand for `text`: the same text, the same digits. No cryptography.
    static func digest(_ text: String) -> String {
        var output = ""
        for seed in UInt64(1)...4 {
            var hash: UInt64 = 14_695_981_039_346_656_037 &+ seed
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
            let digits = String(hash, radix: 16)
            output += String(repeating: "0", count: 16 - digits.count) + digits
        }
        return output
    }

    private static func qualityOfService(_ pod: KubernetesObject) -> String {
        let containers = (pod.spec["containers"]?.array ?? []) + (pod.spec["initContainers"]?.array ?? [])
        var isGuaranteed = !containers.isEmpty
        var isBestEffort = true
        for container in containers {
            let requests = container["resources"]?["requests"]?.object ?? [:]
            let limits = container["resources"]?["limits"]?.object ?? [:]
            if !requests.isEmpty || !limits.isEmpty { isBestEffort = false }
            for name in ["cpu", "memory"]
            where limits[name] == nil || (requests[name] != nil && requests[name] != limits[name]) {
                isGuaranteed = false
            }
        }
        return isBestEffort ? "BestEffort" : isGuaranteed ? "Guaranteed" : "Burstable"
    }
}

extension PodLife {
    /// What the kubelet has to say of the pod at `now`.
    func status(_ now: Instant, hostIP: String, podIP: String) -> PodStatus {
        let isReady = isReady(now)
        let last: PodStatus.ContainerState? =
            restarts > 0
            ? .terminated(code: exitCode, started: acceptedAt, finished: finishedAt ?? acceptedAt) : nil
        let phase: String
        let state: PodStatus.ContainerState
        switch stage {
        case .pulling, .starting:
            phase = "Pending"
            state = .waiting(reason: "ContainerCreating")
        case .waiting:
            phase = "Running"
            state = .waiting(reason: restarts > 0 ? "CrashLoopBackOff" : "ContainerCreating")
        case .running, .terminating:
            phase = "Running"
            state = .running(since: startedAt ?? acceptedAt)
        case .ended:
            phase = exitCode == 0 ? "Succeeded" : "Failed"
            state = .terminated(
                code: exitCode,
                started: startedAt ?? acceptedAt,
                finished: finishedAt ?? acceptedAt
            )
        }
        let hasNetwork = if case .pulling = stage { false } else { true }
        return PodStatus(
            phase: phase,
            isReady: isReady,
            isInitialized: phase != "Pending",
            hostIP: hostIP,
            podIP: hasNetwork && phase != "Succeeded" && phase != "Failed" ? podIP : nil,
            startTime: acceptedAt,
            state: state,
            lastState: last,
            restarts: restarts
        )
    }
}
