import KubernetesVersions

/// The cluster's versions as the plan would leave them, hop after hop.
struct PlannedCluster {
    private let scope: PlanScope
    private let acceptedOutages: Set<String>
    private var controlPlane: [String: KubernetesVersion]
    private var kubelets: [String: KubernetesVersion]
    /// What kubeadm-config would say; nil when that is not known.
    private var configured: KubernetesVersion?
    /// Nodes that any step of the plan concerns.
    private(set) var touched: Set<String> = []
    private var drained: Set<String> = []
    /// Cordoned by an earlier run, and not yet given back.
    private var unfinished: Set<String>

    /// - Throws: what is wrong with the versions before anything is done.
    init(_ input: PlanInput, _ scope: PlanScope) throws(PlanRefusal) {
        self.scope = scope
        acceptedOutages = Set(input.policy.acceptOutage)
        configured = input.clusterVersion
        kubelets = Dictionary(scope.nodes.map { ($0.name, $0.kubelet) }, uniquingKeysWith: { $1 })
        unfinished = Set(scope.nodes.filter { $0.isCordonedByUs && scope.includes($0) }.map(\.name))

        var controlPlane: [String: KubernetesVersion] = [:]
        var unknown: [String] = []
        for node in scope.controlPlane {
            // Of a node that is left out, its kubelet tells the least its API server can be.
            if let version = node.controlPlane ?? (scope.includes(node) ? nil : node.kubelet) {
                controlPlane[node.name] = version
            } else {
                unknown.append(node.name)
            }
        }
        self.controlPlane = controlPlane
        guard unknown.isEmpty else { throw .controlPlaneUnknown(unknown) }
        let apiServers = Array(controlPlane.values)
        if let oldest = apiServers.min(), let newest = apiServers.max(), !SkewPolicy.mayStandTogether(apiServers) {
            throw .controlPlaneApart(oldest: oldest, newest: newest)
        }
        for node in scope.nodes {
            switch SkewPolicy.standing(ofKubelet: node.kubelet, among: apiServers) {
            case .allowed, .aheadOfSome: break
            case .newer(let apiServer):
                throw .kubeletTooNew(node: node.name, kubelet: node.kubelet, apiServer: apiServer)
            case .tooOld(let apiServer, let allowed):
                throw .kubeletTooOld(node: node.name, kubelet: node.kubelet, apiServer: apiServer, allowed: allowed)
            }
        }
    }

    var controlPlaneVersions: [KubernetesVersion] { Array(controlPlane.values) }

    /// Decides who moves in a hop, and moves them.
    mutating func takeHop(to version: KubernetesVersion, isLast: Bool) throws(PlanRefusal) -> HopWork {
        let behind = scope.controlPlane.filter { node in
            !scope.includes(node) && (controlPlane[node.name] ?? version).minorVersion.next < version.minorVersion
        }
        guard behind.isEmpty else { throw .controlPlaneLeftBehind(behind.map(\.name), to: version) }

        var work = HopWork(to: version)
        let lowest = scope.nodes.filter(scope.includes).reduce(into: [:]) { lowest, node in
            lowest[node.name] = min(kubelets[node.name] ?? version, controlPlane[node.name] ?? version)
        }
        takeControlPlane(&work)
        try takeKubelets(&work, isLast: isLast)
        try checkThoseLeftBehind()
        work.from = work.nodes.compactMap { lowest[$0] }.min() ?? version
        touched.formUnion(work.nodes)
        return work
    }

    private mutating func takeControlPlane(_ work: inout HopWork) {
        let nodes = scope.controlPlane.filter(scope.includes)
        let pending = nodes.filter { (controlPlane[$0.name] ?? work.to) < work.to }
        let isBegun = controlPlane.values.contains(work.to)
        let isConfigured = configured.map { $0 == work.to } ?? isBegun
        if isConfigured && isBegun {
            work.controlPlane = pending.map { .init(node: $0.name, isFirst: false) }
        } else if !nodes.isEmpty, !pending.isEmpty || (configured.map { $0 < work.to } ?? false) {
            // kubeadm-config does not say the version yet: `apply` was never finished, and goes on where it began.
            let first = nodes.first { controlPlane[$0.name] == work.to } ?? pending.first
            work.controlPlane = first.map { [.init(node: $0.name, isFirst: true)] } ?? []
            work.controlPlane += pending.filter { $0.name != first?.name }.map { .init(node: $0.name, isFirst: false) }
        }
        for turn in work.controlPlane { controlPlane[turn.node] = work.to }
        if work.controlPlane.contains(where: \.isFirst) { configured = work.to }
    }

    private mutating func takeKubelets(_ work: inout HopWork, isLast: Bool) throws(PlanRefusal) {
        let moving = scope.nodes.filter { node in
            guard scope.includes(node), let kubelet = kubelets[node.name] else { return false }
            return isLast ? kubelet < work.to : kubelet.minorVersion < work.to.minorVersion
        }
        let laggards = scope.controlPlane.filter {
            (controlPlane[$0.name] ?? work.to).minorVersion < work.to.minorVersion
        }
        // A worker takes its version from kubeadm-config.
        let isConfigured = configured.map { $0 >= work.to } ?? true
        if !laggards.isEmpty || !isConfigured {
            let waiting = moving.filter { $0.role == .worker || !isChosenAlone }
            guard waiting.isEmpty else {
                let names = laggards.isEmpty ? scope.controlPlane : laggards
                throw .controlPlaneLeftBehind(names.map(\.name), to: work.to)
            }
            return
        }
        // What an earlier run left cordoned is given back before more is taken away.
        let moved = Set(moving.map(\.name))
        for node in scope.nodes where unfinished.contains(node.name) && !moved.contains(node.name) {
            let turn = KubeletTurn(node: node.name, zone: node.zone, isOnlyToBeGivenBack: true)
            if node.role == .controlPlane { work.controlPlaneKubelets.append(turn) } else { work.workers.append(turn) }
        }
        unfinished = []
        let upgraded = Set(work.controlPlane.map(\.node))
        for node in moving {
            let turn = KubeletTurn(node: node.name, zone: node.zone, needsRepository: !upgraded.contains(node.name))
            if node.role == .controlPlane { work.controlPlaneKubelets.append(turn) } else { work.workers.append(turn) }
            kubelets[node.name] = work.to
            drained.insert(node.name)
        }
    }

    /// Control-plane nodes chosen by name: their kubelets wait for the rest of the control plane.
    private var isChosenAlone: Bool { if case .nodes = scope.choice { true } else { false } }

    private func checkThoseLeftBehind() throws(PlanRefusal) {
        let apiServers = Array(controlPlane.values)
        for node in scope.nodes where !scope.includes(node) {
            guard let kubelet = kubelets[node.name] else { continue }
            if case .tooOld(let newest, let allowed) = SkewPolicy.standing(ofKubelet: kubelet, among: apiServers) {
                throw .kubeletLeftBehind(node: node.name, kubelet: kubelet, apiServer: newest, allowed: allowed)
            }
        }
    }

    /// Refuses to move nodes that are not Ready, were cordoned by somebody, or leave their pods nowhere to go.
    func checkNodesThatMove() throws(PlanRefusal) {
        let moving = scope.nodes.filter { touched.contains($0.name) }
        let notReady = moving.filter { !$0.isReady }.map(\.name)
        guard notReady.isEmpty else { throw .notReady(notReady) }
        let cordoned = moving.filter { $0.isCordoned && !$0.isCordonedByUs }.map(\.name)
        guard cordoned.isEmpty else { throw .cordoned(cordoned) }

        let refuges = scope.nodes.filter { $0.isReady && (!$0.isCordoned || $0.isCordonedByUs) }.map(\.name)
        for node in moving where drained.contains(node.name) && !acceptedOutages.contains(node.name) {
            guard refuges.count > 1 || refuges.first != node.name else { throw .nowhereToGo(node.name) }
        }
    }

    func reasonForRest(of node: PlanNode, target: KubernetesVersion) -> String {
        guard let kubelet = kubelets[node.name] else { return "nothing to do" }
        if kubelet < target { return "waits for the rest of the control plane" }
        return kubelet == target ? "already at \(target)" : "already at \(kubelet)"
    }
}

/// Who moves in one hop.
struct HopWork {
    struct ControlPlaneTurn {
        let node: String
        /// `kubeadm upgrade apply` instead of `upgrade node`.
        let isFirst: Bool
    }

    var from: KubernetesVersion
    let to: KubernetesVersion
    var controlPlane: [ControlPlaneTurn] = []
    var controlPlaneKubelets: [KubeletTurn] = []
    var workers: [KubeletTurn] = []

    init(to version: KubernetesVersion) {
        from = version
        to = version
    }

    var isEmpty: Bool { controlPlane.isEmpty && controlPlaneKubelets.isEmpty && workers.isEmpty }
    var nodes: Set<String> {
        Set(controlPlane.map(\.node)).union(controlPlaneKubelets.map(\.node)).union(workers.map(\.node))
    }
}

/// A node that is emptied and gets a new kubelet.
struct KubeletTurn {
    let node: String
    let zone: String
    /// Its repository may still be that of an older minor.
    var needsRepository = true
    /// An earlier run has upgraded it, and not uncordoned it.
    var isOnlyToBeGivenBack = false
}
