import Foundation
import KubernetesModel
import KubernetesVersions
import Sandbox
import Testing

@Suite(.timeLimit(.minutes(2))) struct `a kubelet` {
    private static func pod(_ name: String, _ moment: Moment) -> KubernetesObject? {
        moment.object(.pods, ObjectKey(namespace: "default", name: name))
    }

    private static func annotated(_ name: String, _ annotations: String, _ extra: String = "") -> String {
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: \(name), annotations: {\(annotations)}}
        spec: {containers: [{name: main, image: "r.example/\(name):1"}]\(extra.isEmpty ? "" : ", \(extra)")}
        """
    }

    @Test func `pulls, starts, and finds a pod ready`() async throws {
        try await World.with(nodes: TestNode.several(1), speed: 10) { world in
            let slowly = "sandbox.keelstep.dev/pull: \"20\", sandbox.keelstep.dev/ready: \"20\""
            try await world.apply(Self.annotated("web", slowly))
            let pending = try await world.until("it is bound and pulls") { moment in
                let pod = Self.pod("web", moment)
                return pod?.podNode == "w-1" && pod?.status["containerStatuses"]?[0]?["state", "waiting"] != nil
            }
            #expect(Self.pod("web", pending)?.podPhase == "Pending")
            let running = try await world.until("it runs") { Self.pod("web", $0)?.podPhase == "Running" }
            #expect(Self.pod("web", running)?.isPodReady == false)
            let ready = try await world.until("it is ready") { Self.pod("web", $0)?.isPodReady == true }
            let status = try #require(Self.pod("web", ready)?.status)
            #expect(status["podIP"]?.string?.hasPrefix("10.244.0.") == true)
            #expect(status.isTrue("ContainersReady") && status.isTrue("PodScheduled") && status.isTrue("Initialized"))
            #expect(status["containerStatuses"]?[0]?["restartCount"] == 0)
        }
    }

    @Test func `ends a pod within its grace period, and then its object goes`() async throws {
        try await World.with(nodes: TestNode.several(1), speed: 10) { world in
            try await world.apply(
                Self.annotated(
                    "slow",
                    "sandbox.keelstep.dev/terminate: \"1000\"",
                    "terminationGracePeriodSeconds: 8"
                )
            )
            try await world.until("it is ready") { Self.pod("slow", $0)?.isPodReady == true }
            try await world.delete(.pods, "slow")
            let ending = try await world.until("it is terminating") { Self.pod("slow", $0)?.isTerminating == true }
            #expect(Self.pod("slow", ending)?["metadata", "deletionGracePeriodSeconds"] == 8)
            try await world.until("it is gone") { Self.pod("slow", $0) == nil }
        }
    }

    @Test func `of a stuck pod lets go only by force`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.apply(
                Self.annotated("stuck", "sandbox.keelstep.dev/never-terminates: \"true\"")
            )
            try await world.until("it is ready") { Self.pod("stuck", $0)?.isPodReady == true }
            try await world.delete(.pods, "stuck", grace: 1)
            try await world.never("it ends") {
                Self.pod("stuck", $0) == nil
            } while: {
                // Another that is deleted later has its whole end meanwhile.
                try await world.apply(Self.annotated("free", "note: none"))
                try await world.until("the other is ready") { Self.pod("free", $0)?.isPodReady == true }
                try await world.delete(.pods, "free", grace: 1)
                try await world.until("the other is gone") { Self.pod("free", $0) == nil }
            }
            try await world.delete(.pods, "stuck", grace: 0)
            try await world.until("it is gone") { Self.pod("stuck", $0) == nil }
        }
    }

    @Test func `restarts what crashes, and says so`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.apply(
                Self.annotated("crash", "sandbox.keelstep.dev/run: \"5\", sandbox.keelstep.dev/exit-code: \"1\"")
            )
            let moment = try await world.until("it waits after its second crash") { moment in
                let state = Self.pod("crash", moment)?.status["containerStatuses"]?[0]
                return state?["restartCount"]?.int ?? 0 >= 1
                    && state?["state", "waiting", "reason"] == "CrashLoopBackOff"
            }
            let last = Self.pod("crash", moment)?.status["containerStatuses"]?[0]?["lastState", "terminated"]
            #expect(last?["exitCode"] == 1)
        }
    }

    @Test func `runs static pods, with a mirror of each in the API`() async throws {
        let node = TestNode("cp-1")
        try await World.with(nodes: [node], [.controllers]) { world in
            func manifest(_ image: String) -> KubernetesObject {
                KubernetesObject([
                    "apiVersion": "v1", "kind": "Pod",
                    "metadata": ["name": "etcd", "namespace": "kube-system", "labels": ["component": "etcd"]],
                    "spec": ["hostNetwork": true, "containers": [["name": "etcd", "image": .string(image)]]],
                ])
            }
            let key = ObjectKey(namespace: "kube-system", name: "etcd-cp-1")
            node.machine.put("etcd.yaml", manifest("r.example/etcd:1"))
            let first = try await world.until("the mirror is ready") { $0.object(.pods, key)?.isPodReady == true }
            let mirror = try #require(first.object(.pods, key))
            #expect(mirror.annotations["kubernetes.io/config.mirror"] != nil)
            #expect(mirror.ownerReferences.first?.kind == "Node")
            #expect(mirror.podNode == "cp-1")

            _ = try await world.access.delete(.pods, key, gracePeriodSeconds: 0, uid: nil)
            try await world.until("a deleted mirror comes back") { moment in
                moment.object(.pods, key).map { $0.uid != mirror.uid && $0.isPodReady } == true
            }
            node.machine.put("etcd.yaml", manifest("r.example/etcd:2"))
            try await world.until("a new manifest has a new mirror") { moment in
                let pod = moment.object(.pods, key)
                return pod?.isPodReady == true && pod?.spec["containers"]?[0]?["image"] == "r.example/etcd:2"
            }
            node.machine.put("etcd.yaml", nil)
            try await world.until("without the manifest there is none") { $0.object(.pods, key) == nil }
        }
    }

    @Test func `renews its Lease, and reports the version that runs`() async throws {
        let node = TestNode("w-1")
        let key = ObjectKey(namespace: "kube-node-lease", name: "w-1")
        try await World.with(nodes: [node]) { world in
            let first = try await world.until("there is a Lease") { $0.object(.leases, key) != nil }
            let lease = try #require(first.object(.leases, key))
            #expect(lease.spec["holderIdentity"] == "w-1")
            #expect(lease.ownerReferences.first?.kind == "Node")
            let renewal = lease.spec["renewTime"]
            try await world.until("it is renewed") { $0.object(.leases, key)?.spec["renewTime"] != renewal }
            let next = try KubernetesVersion(parsing: "v1.34.1")
            node.machine.change { state in
                state.runningVersion = next
                state.starts += 1
            }
            try await world.until("the new version is reported") { moment in
                let version = moment.object(.nodes, ObjectKey(name: "w-1"))?.status["nodeInfo"]?["kubeletVersion"]
                return version == "v1.34.1"
            }
        }
    }

    @Test func `cut off from the API goes on, and what was deleted meanwhile ends when it is back`() async throws {
        let node = TestNode("w-1")
        try await World.with(nodes: [node]) { world in
            try await world.apply(Self.annotated("web", "note: none"))
            let before = try await world.until("it is ready") { Self.pod("web", $0)?.isPodReady == true }
            node.machine.change { $0.isPartitioned = true }
            try await world.delete(.pods, "web", grace: 1)
            let meanwhile = try await world.until("it is terminating") { Self.pod("web", $0)?.isTerminating == true }
            #expect(Self.pod("web", meanwhile)?.uid == Self.pod("web", before)?.uid)
            node.machine.change { $0.isPartitioned = false }
            try await world.until("it is gone") { Self.pod("web", $0) == nil }
        }
    }
}
