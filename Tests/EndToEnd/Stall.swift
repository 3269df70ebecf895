import Foundation
import Testing

extension RunningSandbox {
    /// Opens a stall: one Deployment under a budget, which may run on every node, control plane included.
    func openStall(replicas: Int) async throws {
        let file = folder + "/stall.yaml"
        try Data(Self.stall(replicas).utf8).write(to: URL(filePath: file))
        expect(try await sandbox("load", "--wait", file))
    }

    /// The stall is at full strength.
    func expectStall(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let status = try await kubectl().run("rollout", "status", "-n", "shop", "deployment/stall", "--timeout=60s")
        expect(status, sourceLocation: sourceLocation)
    }

    private static func stall(_ replicas: Int) -> String {
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: stall, namespace: shop, labels: {app: stall}}
        spec:
          replicas: \(replicas)
          selector: {matchLabels: {app: stall}}
          template:
            metadata: {labels: {app: stall}}
            spec:
              containers:
              - {name: stall, image: "registry.example/shop/stall:1"}
              tolerations:
              - {key: node-role.kubernetes.io/control-plane, operator: Exists}
              topologySpreadConstraints:
              - maxSkew: 1
                topologyKey: kubernetes.io/hostname
                whenUnsatisfiable: ScheduleAnyway
                labelSelector: {matchLabels: {app: stall}}
        ---
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: stall, namespace: shop}
        spec: {maxUnavailable: 1, selector: {matchLabels: {app: stall}}}

        """
    }
}
