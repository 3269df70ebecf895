import KubernetesModel

/// The faults in force in a sandbox, and how each takes effect and ends.
actor FaultBoard {
    private struct Entry {
        var fault: Fault
        /// What lifts a command's fault on each machine.
        var tickets: [(machine: Machine, ticket: Int)] = []
    }

    private let cluster: SandboxCluster
    private var entries: [Int: Entry] = [:]
    private var last = 0

    init(_ cluster: SandboxCluster) { self.cluster = cluster }

    var list: [(number: Int, text: String)] {
        entries.sorted { $0.key < $1.key }.map { ($0.key, $0.value.fault.description) }
    }

    /// - Returns: the number that clears it.
    func add(_ fault: Fault) async throws -> Int {
        var entry = Entry(fault: fault)
        switch fault {
        case .command(let node, let words, let outcome, let times):
            guard !words.isEmpty else { throw SandboxError.fault("--match is empty: which command?") }
            for machine in try machines(node) {
                let injected = MachineFault(words: words, outcome: Self.outcome(outcome), times: times)
                entry.tickets.append((machine, await machine.inject(injected)))
            }
        case .partition(let node):
            let machine = try machine(node)
            await machine.setPartitioned(true)
            plane(node)?.endpoint?.isRefusing = true
        case .api(let node, _, _, _):
            if let node { _ = try controlPlane(node) }
        case .etcd(let node): try await controlPlane(node).setMemberHeldDown(true)
        case .pod(let key):
            try await requirePod(key)
            cluster.podFaults.setNeverTerminates(key, true)
        case .kubelet(let node): try await machine(node).setKubeletStaysDown(true)
        case .killClient(let plan): cluster.killer.set(plan)
        }
        last += 1
        entries[last] = entry
        applyAPIFaults()
        return last
    }

    /// Clears one fault; nil clears all.
    func clear(_ number: Int?) async throws {
        if let number, entries[number] == nil {
            throw SandboxError.fault("there is no fault \(number); `keelstep sandbox fault list` shows those in force")
        }
        for (key, entry) in entries.sorted(by: { $0.key < $1.key }) where number == nil || number == key {
            entries[key] = nil
            try await lift(entry)
        }
        applyAPIFaults()
    }

    private func lift(_ entry: Entry) async throws {
        for (machine, ticket) in entry.tickets { await machine.lift(ticket) }
        switch entry.fault {
        case .command, .api: break
        case .partition(let node):
            try await machine(node).setPartitioned(false)
            plane(node)?.endpoint?.isRefusing = false
        case .etcd(let node): try await controlPlane(node).setMemberHeldDown(false)
        case .pod(let key): cluster.podFaults.setNeverTerminates(key, false)
        case .kubelet(let node):
            let machine = try machine(node)
            await machine.setKubeletStaysDown(false)
        case .killClient: cluster.killer.set(nil)
        }
    }

    /// Each API server has one list of rules; it is made anew when a fault comes or goes.
    private func applyAPIFaults() {
        for plane in cluster.controlPlanes {
            let rules = entries.sorted { $0.key < $1.key }.compactMap { _, entry -> APIFaults.Rule? in
                guard case .api(let node, let outcome, let prefix, let times) = entry.fault,
                    node == nil || node == plane.name
                else { return nil }
                return APIFaults.Rule(Self.outcome(outcome), pathPrefix: prefix, times: times)
            }
            if plane.faults.current != rules { plane.faults.set(rules) }
        }
    }

    private static func outcome(_ outcome: Fault.CommandOutcome) -> MachineFault.Outcome {
        switch outcome {
        case .fail(let exitCode, let text): .fail(exitCode: exitCode, text: text)
        case .hang: .hang
        }
    }

    private static func outcome(_ outcome: Fault.APIOutcome) -> APIFaults.Rule.Outcome {
        switch outcome {
        case .tooManyRequests: .tooManyRequests
        case .internalError: .internalError
        case .noAnswer: .noAnswer
        }
    }

    private func plane(_ name: String) -> ControlPlaneNode? { cluster.controlPlanes.first { $0.name == name } }

    private func requirePod(_ key: ObjectKey) async throws {
        do { _ = try await cluster.access.get(.pods, key) } catch {
            guard error.isNotFound else { throw error }
            throw SandboxError.fault("there is no pod '\(key)'; `kubectl get pods --all-namespaces` shows them")
        }
    }

    private func machines(_ name: String?) throws -> [Machine] {
        guard let name else { return Array(cluster.machines.values) }
        return [try machine(name)]
    }

    private func machine(_ name: String) throws -> Machine {
        guard let machine = cluster.machines[name] else {
            throw SandboxError.fault("there is no node '\(name)'; `kubectl get nodes` shows them")
        }
        return machine
    }

    private func controlPlane(_ name: String) throws -> ControlPlaneNode {
        guard let plane = plane(name) else {
            throw SandboxError.fault("'\(name)' is no control-plane node; `kubectl get nodes` shows them")
        }
        return plane
    }
}
