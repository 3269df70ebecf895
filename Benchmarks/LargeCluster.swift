import Foundation
import KubernetesClient
import KubernetesModel
import KubernetesVersions
import Sandbox

/// A cluster of any size, made of copies: what a small sandbox has, its worker many times over, and Deployments under
/// budgets whose pods are spread evenly.
struct LargeCluster: Sendable {
    private static let replicas = 28
    private static let deploymentsPerNamespace = 20
    private static let copied: [Resource] = [
        .namespaces, .nodes, .configMaps, .leases, .daemonSets, .deployments, .replicaSets, .statefulSets, .jobs,
        .podDisruptionBudgets, .pods,
    ]

    let nodeNames: [String]
    private let server: APIServer
    private let pki: SandboxPKI
    private let folder: String

    init(of sandbox: BenchSandbox, nodes: Int, pods: Int) async throws {
        folder = sandbox.workbench.folder
        let configuration = try KubeConfiguration.load(path: sandbox.folder + "/kubeconfig")
        let template = try await KubernetesClient.with(configuration) { client in
            var objects: [Resource: [KubernetesObject]] = [:]
            for resource in Self.copied { objects[resource] = try await client.list(resource).items }
            return Template(objects)
        }
        pki = try SandboxPKI(SandboxPKI.Names(controlPlanes: ["cp-1"], endpoint: "https://127.0.0.1:6443"))
        guard let serving = pki.identity(of: "cp-1", "pki/apiserver") else {
            throw Workbench.Failed(command: [], code: 1, errors: "there is no serving certificate")
        }
        let storage = MemoryStorage(history: 1000)
        server = APIServer(
            node: "cp-1",
            version: KubernetesVersion(1, 31, 4),
            storage: storage,
            tls: APIServerTLS(serving: serving, clientCA: pki.ca.identity)
        )
        var writer = Writer(storage: storage, catalog: server.registry.catalog)
        for (resource, objects) in template.objects { for object in objects { try await writer.put(resource, object) } }
        nodeNames = try await writer.fill(from: template, nodes: nodes, pods: pods)
    }

    /// Runs `body` with a kubeconfig of the API server, which ends after it.
    func serving<Value: Sendable>(_ body: @escaping @Sendable (String) async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await server.run()
                return nil
            }
            let port = try await server.listeningPort()
            while !server.isServing { try await Task.sleep(for: .milliseconds(50)) }
            let kubeconfig = "\(folder)/large.kubeconfig"
            let text = pki.kubeconfig(
                user: "kubernetes-admin",
                identity: pki.admin,
                server: "https://127.0.0.1:\(port)"
            )
            try Data(text.utf8).write(to: URL(filePath: kubeconfig))
            let value = try await body(kubeconfig)
            server.stop()
            for try await _ in group {}
            return value
        }
    }

    /// What copies are made of.
    struct Template: Sendable {
        let objects: [Resource: [KubernetesObject]]

        init(_ objects: [Resource: [KubernetesObject]]) { self.objects = objects }

        func first(_ resource: Resource, where isWanted: (KubernetesObject) -> Bool) throws -> KubernetesObject {
            guard let found = objects[resource]?.first(where: isWanted) else {
                throw Workbench.Failed(command: [], code: 1, errors: "the sandbox lacks a \(resource.kind) to copy")
            }
            return found
        }
    }

    /// Puts objects into a store as an API server does, without asking one.
    struct Writer {
        let storage: MemoryStorage
        let catalog: ResourceCatalog
        private var lastUID = 0

        init(storage: MemoryStorage, catalog: ResourceCatalog) {
            self.storage = storage
            self.catalog = catalog
        }

        func put(_ resource: Resource, _ object: KubernetesObject) async throws {
            guard let prefix = catalog.resource(resource)?.storagePrefix else { return }
            var object = object
            object.resourceVersion = nil
            let key = prefix + (object.namespace.map { "\($0)/" } ?? "") + object.name
            _ = try await storage.put(key, Array(object.value.text.utf8), expected: 0)
        }

        private mutating func copy(
            _ object: KubernetesObject,
            _ name: String,
            in namespace: String? = nil
        ) -> KubernetesObject {
            var copy = object
            lastUID += 1
            copy.name = name
            copy.namespace = namespace
            copy.uid = "00000000-0000-4000-8000-" + String(format: "%012x", lastUID)
            return copy
        }

        /// Copies the worker until there are `nodes`, and a Deployment with its budget until there are `pods`.
        /// - Returns: the names of all nodes.
        mutating func fill(from template: Template, nodes: Int, pods: Int) async throws -> [String] {
            var names = (template.objects[.nodes] ?? []).map(\.name)
            let worker = try template.first(.nodes) { $0.name == "worker-1" }
            let daemonPods = (template.objects[.pods] ?? []).filter {
                $0.spec["nodeName"]?.string == "worker-1" && $0.controller?.kind == "DaemonSet"
            }
            var count = template.objects[.pods]?.count ?? 0
            let first = names.count { $0.hasPrefix("worker-") } + 1
            for number in first..<max(first, first + nodes - names.count) {
                let name = "worker-\(number)"
                var node = copy(worker, name)
                node.labels["kubernetes.io/hostname"] = name
                node.labels["topology.kubernetes.io/zone"] = ["a", "b", "c"][number % 3]
                try await put(.nodes, node)
                for pod in daemonPods {
                    var mine = copy(pod, "\(pod.controller?.name ?? "daemon")-\(number)", in: pod.namespace)
                    mine["spec", "nodeName"] = .string(name)
                    try await put(.pods, mine)
                    count += 1
                }
                names.append(name)
            }
            try await fillWorkloads(
                from: template,
                workers: names.filter { $0.hasPrefix("worker") },
                pods: pods - count
            )
            return names
        }

        private mutating func fillWorkloads(from template: Template, workers: [String], pods: Int) async throws {
            let deployment = try template.first(.deployments) { $0.name == "web" }
            let set = try template.first(.replicaSets) { $0.controller?.name == "web" }
            let pod = try template.first(.pods) { $0.controller?.name == set.name }
            let budget = try template.first(.podDisruptionBudgets) { $0.name == "web" }
            let namespace = try template.first(.namespaces) { $0.name == "shop" }
            let count = JSONValue.integer(Int64(LargeCluster.replicas))
            var made = 0
            var number = 0
            while made < pods {
                let space = "team-\(number / LargeCluster.deploymentsPerNamespace)"
                if number.isMultiple(of: LargeCluster.deploymentsPerNamespace) {
                    var own = copy(namespace, space)
                    own.labels["kubernetes.io/metadata.name"] = space
                    try await put(.namespaces, own)
                }
                let app = "app-\(number)"
                let labels = JSONValue(["app": app])
                var owner = copy(deployment, app, in: space)
                owner.labels = ["app": app]
                owner["spec", "replicas"] = count
                owner["spec", "selector"] = ["matchLabels": labels]
                owner["spec", "template", "metadata", "labels"] = labels
                for key in ["replicas", "readyReplicas", "availableReplicas", "updatedReplicas"] {
                    owner["status", key] = count
                }
                try await put(.deployments, owner)
                var replicaSet = copy(set, "\(app)-7d9f8b6c5d", in: space)
                replicaSet.labels["app"] = app
                replicaSet["metadata", "ownerReferences"] = [OwnerReference(controller: owner).value]
                replicaSet["spec", "replicas"] = count
                replicaSet["spec", "selector"] = ["matchLabels": labels]
                for key in ["replicas", "readyReplicas", "availableReplicas"] { replicaSet["status", key] = count }
                try await put(.replicaSets, replicaSet)
                try await put(.podDisruptionBudgets, self.budget(budget, app, in: space))
                for replica in 0..<min(LargeCluster.replicas, pods - made) {
                    var mine = copy(pod, "\(app)-7d9f8b6c5d-\(String(format: "%05x", replica))", in: space)
                    mine.labels["app"] = app
                    mine["metadata", "ownerReferences"] = [OwnerReference(controller: replicaSet).value]
                    mine["spec", "nodeName"] = .string(workers[made % workers.count])
                    mine["spec", "topologySpreadConstraints"] = nil
                    try await put(.pods, mine)
                    made += 1
                }
                number += 1
            }
        }

        private mutating func budget(_ given: KubernetesObject, _ app: String, in space: String) -> KubernetesObject {
            let healthy = Int64(LargeCluster.replicas)
            var budget = copy(given, app, in: space)
            budget["spec"] = ["maxUnavailable": 1, "selector": ["matchLabels": JSONValue(["app": app])]]
            budget["status", "expectedPods"] = .integer(healthy)
            budget["status", "currentHealthy"] = .integer(healthy)
            budget["status", "desiredHealthy"] = .integer(healthy - 1)
            budget["status", "disruptionsAllowed"] = 1
            return budget
        }
    }
}
