import KubernetesClient
import KubernetesModel
import KubernetesVersions
import Nodes

/// What the API says.
struct APIReading {
    var serverVersion = ""
    var clusterUID = ""
    var kubeadm: KubeadmConfiguration?
    var nodes: [NodeSurvey] = []
    var leaders: [LeaderSurvey] = []
    var gaps: [SurveyGap] = []
    private var objects = ClusterObjects()

    /// Cordons of ours carry the run under this annotation.
    static let cordonAnnotation = "keelstep.dev/cordoned-by"

    /// - Throws: when the version, the nodes or the cluster's identity cannot be read; all else becomes a gap.
    static func read(_ client: KubernetesClient) async throws -> APIReading {
        var reading = APIReading()
        reading.serverVersion = try await client.version().gitVersion
        reading.clusterUID = try await client.get(.namespaces, ObjectKey(name: "kube-system")).uid
        let nodes = try await client.list(.nodes).items.map(Node.init)
        async let pods = listed(client, .pods)
        async let namespaces = listed(client, .namespaces)
        async let budgets = budgets(client)
        async let leases = leases(client)
        async let kubeadm = kubeadm(client)
        let workloads = await concurrentMap(
            [Resource.deployments, .replicaSets, .statefulSets, .daemonSets, .jobs],
            limit: 5
        ) { await listed(client, $0) }

        reading.objects.nodes = nodes
        reading.objects.pods = reading.take(await pods).map(Pod.init)
        reading.objects.namespaces = reading.take(await namespaces)
        reading.objects.budgets = reading.take(await budgets).map(PodDisruptionBudget.init)
        for list in workloads { reading.objects.workloads += reading.take(list).map(Workload.init) }
        reading.leaders = reading.take(await leases).map(leader)
        switch await kubeadm {
        case .success(let configuration): reading.kubeadm = configuration
        case .failure(let failure): reading.gaps.append(failure.gap)
        }
        reading.nodes = reading.nodeSurveys()
        return reading
    }

    mutating func takeObjects() -> ClusterObjects {
        let taken = objects
        objects = ClusterObjects()
        return taken
    }

    private struct Failure: Error {
        let gap: SurveyGap
    }

    private mutating func take(_ list: Result<[KubernetesObject], Failure>) -> [KubernetesObject] {
        switch list {
        case .success(let objects): return objects
        case .failure(let failure):
            gaps.append(failure.gap)
            return []
        }
    }

    private static func listed(
        _ client: KubernetesClient,
        _ resource: Resource
    ) async -> Result<[KubernetesObject], Failure> {
        do { return .success(try await client.list(resource).items) } catch {
            return .failure(Failure(gap: SurveyGap(what: resource.plural, reason: "\(error)")))
        }
    }

    private static func budgets(_ client: KubernetesClient) async -> Result<[KubernetesObject], Failure> {
        do { return await listed(client, try await client.budgetResource()) } catch {
            return .failure(Failure(gap: SurveyGap(what: "poddisruptionbudgets", reason: "\(error)")))
        }
    }

    private static func leases(_ client: KubernetesClient) async -> Result<[KubernetesObject], Failure> {
        do {
            var leases: [KubernetesObject] = []
            for name in ["kube-controller-manager", "kube-scheduler"] {
                let key = ObjectKey(namespace: "kube-system", name: name)
                if let lease = try await client.find(.leases, key) { leases.append(lease) }
            }
            return .success(leases)
        } catch { return .failure(Failure(gap: SurveyGap(what: "leases", reason: "\(error)"))) }
    }

    private static func kubeadm(_ client: KubernetesClient) async -> Result<KubeadmConfiguration, Failure> {
        do {
            let key = ObjectKey(namespace: "kube-system", name: "kubeadm-config")
            return .success(try KubeadmConfiguration(try await client.get(.configMaps, key)))
        } catch { return .failure(Failure(gap: SurveyGap(what: "kubeadm-config", reason: "\(error)"))) }
    }

    private static func leader(_ lease: KubernetesObject) -> LeaderSurvey {
        LeaderSurvey(
            component: lease.name,
            holder: lease["spec", "holderIdentity"]?.string ?? "",
            renewed: lease["spec", "renewTime"]?.string ?? ""
        )
    }

    private func nodeSurveys() -> [NodeSurvey] {
        var counts: [String: Int] = [:]
        var components: [String: [ComponentSurvey]] = [:]
        for pod in objects.pods {
            guard let node = pod.nodeName, !pod.isFinished else { continue }
            counts[node, default: 0] += 1
            guard pod.isMirror, pod.namespace == "kube-system", let label = pod.labels["component"],
                let component = StaticPodManifests.Component(rawValue: label), let image = pod.containers.first?.image
            else { continue }
            components[node, default: []].append(
                ComponentSurvey(component: component, image: image, source: .mirrorPod)
            )
        }
        return objects.nodes.map { node in
            var survey = NodeSurvey(
                name: node.name,
                uid: node.uid,
                isControlPlane: node.isControlPlane,
                zone: node.zone ?? "",
                internalIP: node.internalIP ?? "",
                isReady: node.isReady,
                isCordoned: node.isUnschedulable,
                kubelet: try? KubernetesVersion(parsing: node.kubeletVersion),
                containerRuntime: node.containerRuntimeVersion,
                osImage: node.osImage,
                kernel: node.kernelVersion,
                architecture: node.architecture,
                podCount: counts[node.name] ?? 0
            )
            survey.cordonedBy = node.object.annotations[Self.cordonAnnotation]
            if !node.isReady { survey.notReadyReason = Self.reason(of: node) }
            survey.components = (components[node.name] ?? []).sorted { $0.component.rawValue < $1.component.rawValue }
            return survey
        }.naturallySorted(by: \.name)
    }

    private static func reason(of node: Node) -> String {
        guard let condition = node.object.condition("Ready") else { return "it has never reported" }
        return condition.message.isEmpty ? condition.reason : condition.message
    }

    var workloads: [WorkloadSurvey] {
        objects.workloads.filter { $0.controller == nil && !$0.isFinished }.map {
            WorkloadSurvey(
                kind: $0.kind,
                namespace: $0.namespace,
                name: $0.name,
                desired: $0.desired,
                ready: $0.ready,
                available: $0.available
            )
        }.sorted { ($0.namespace, $0.kind, $0.name) < ($1.namespace, $1.kind, $1.name) }
    }

    var budgets: [BudgetSurvey] {
        objects.budgets.map {
            BudgetSurvey(
                namespace: $0.namespace,
                name: $0.name,
                rule: $0.rule,
                currentHealthy: $0.currentHealthy,
                desiredHealthy: $0.desiredHealthy,
                disruptionsAllowed: $0.disruptionsAllowed
            )
        }.sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    }
}
