import KubernetesModel
import Testing

@Suite struct `a pod` {
    private func pod(_ spec: JSONValue, status: JSONValue = [:], metadata: JSONValue = ["name": "p"]) -> Pod {
        Pod(KubernetesObject(["kind": "Pod", "metadata": metadata, "spec": spec, "status": status]))
    }

    private func container(_ cpu: JSONValue?, memory: JSONValue? = nil, always: Bool = false) -> JSONValue {
        var container: JSONValue = ["name": "c", "resources": ["requests": [:]]]
        container["resources", "requests", "cpu"] = cpu
        container["resources", "requests", "memory"] = memory
        if always { container["restartPolicy"] = "Always" }
        return container
    }

    @Test func `asks for the sum of its containers`() {
        let requests = pod(["containers": [container("100m", memory: "1Gi"), container("1")]]).requests
        #expect(requests["cpu"].milliValue == 1100)
        #expect(requests["memory"].value == 1_073_741_824)
        #expect(requests["nvidia.com/gpu"].isZero)
    }

    @Test func `asks for the largest init container where that is more`() {
        let spec: JSONValue = [
            "containers": [container("100m")], "initContainers": [container("500m"), container("300m")],
        ]
        #expect(pod(spec).requests["cpu"].milliValue == 500)
    }

    @Test func `asks for its sidecars beside both`() {
        // Running: 400 + 100 + 50. Starting: the second init container beside the first sidecar, 500 + 100.
        let spec: JSONValue = [
            "containers": [container("400m")],
            "initContainers": [
                container("100m", always: true), container("500m"), container("50m", always: true),
            ],
        ]
        #expect(pod(spec).requests["cpu"].milliValue == 600)
    }

    @Test func `asks for what it states itself, and its overhead`() {
        let spec: JSONValue = [
            "containers": [container("400m", memory: "1Gi")], "resources": ["requests": ["cpu": "1"]],
            "overhead": ["cpu": "10m"],
        ]
        #expect(pod(spec).requests["cpu"].milliValue == 1010)
        #expect(pod(spec).requests["memory"].value == 1_073_741_824)
    }

    @Test func `asks for its limits where it has no requests`() {
        let container: JSONValue = [
            "resources": ["limits": ["cpu": "2", "memory": "1Gi"], "requests": ["memory": "512Mi"]]
        ]
        let requests = pod(["containers": [container]]).requests
        #expect(requests["cpu"].milliValue == 2000)
        #expect(requests["memory"].value == 536_870_912)
    }

    @Test func `says what a drain asks`() {
        let pod = pod(
            [
                "nodeName": "n1",
                "volumes": [["emptyDir": ["medium": "Memory"]], ["persistentVolumeClaim": ["claimName": "x"]]],
                "priorityClassName": "system-node-critical", "terminationGracePeriodSeconds": 5,
                "containers": [["ports": [["containerPort": 80], ["hostPort": 80, "containerPort": 80]]]],
            ],
            status: ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]],
            metadata: [
                "name": "p", "namespace": "shop", "annotations": ["kubernetes.io/config.mirror": "x"],
                "deletionTimestamp": "2026-07-24T04:09:49Z",
                "ownerReferences": [
                    ["kind": "Node", "apiVersion": "v1", "name": "n1", "uid": "1"],
                    ["kind": "DaemonSet", "apiVersion": "apps/v1", "name": "d", "uid": "2", "controller": true],
                ],
            ]
        )
        #expect(pod.nodeName == "n1" && pod.hasEmptyDir && pod.isCritical && pod.isReady && pod.isMirror)
        #expect(pod.isDaemonSetPod && pod.isTerminating && !pod.isFinished)
        #expect(pod.claimNames == ["x"])
        #expect(pod.hostPorts == [HostPort(port: 80)])
        #expect(pod.terminationGracePeriodSeconds == 5)
        #expect(pod.key == ObjectKey(namespace: "shop", name: "p"))
    }

    @Test func `without anything reads as the API's defaults`() {
        let pod = pod([:])
        #expect(pod.phase == "Pending" && pod.nodeName == nil && !pod.isReady && !pod.hasEmptyDir && !pod.isCritical)
        #expect(pod.terminationGracePeriodSeconds == 30)
        #expect(pod.namespace == "default")
    }
}

@Suite struct `a toleration` {
    private static let taint = Taint(key: "k", value: "v", effect: .noSchedule)

    @Test(
        arguments: [
            (["operator": "Exists"] as JSONValue, true), (["key": "k", "operator": "Exists"], true),
            (["key": "k", "value": "v"], true),
            (["key": "k", "operator": "Equal", "value": "v", "effect": "NoSchedule"], true),
            (["key": "k", "value": "w"], false), (["key": "x", "operator": "Exists"], false),
            (["key": "k", "value": "v", "effect": "NoExecute"], false), (["key": "k"], false), (["value": "v"], false),
            (["key": "k", "operator": "Odd", "value": "v"], false), (["operator": "Exists", "effect": "Odd"], false),
        ] as [(JSONValue, Bool)]
    )
    func `bears a taint or not`(value: JSONValue, bears: Bool) {
        #expect((Toleration(value)?.tolerates(Self.taint) ?? false) == bears)
    }
}

@Suite struct `a node` {
    @Test func `says what it is`() {
        let node = Node(
            KubernetesObject([
                "metadata": [
                    "name": "cp-1",
                    "labels": ["node-role.kubernetes.io/control-plane": "", "topology.kubernetes.io/zone": "a"],
                ],
                "spec": [
                    "unschedulable": true,
                    "taints": [["key": "k", "value": "v", "effect": "NoSchedule"], ["key": "bad", "effect": "Odd"]],
                ],
                "status": [
                    "addresses": [
                        ["type": "Hostname", "address": "h"], ["type": "InternalIP", "address": "10.89.0.1"],
                    ],
                    "allocatable": ["cpu": "3900m", "pods": "110"], "capacity": ["cpu": 4],
                    "conditions": [["type": "Ready", "status": "Unknown"]],
                    "nodeInfo": ["kubeletVersion": "v1.31.4"],
                ],
            ])
        )
        #expect(node.isControlPlane && node.isUnschedulable && !node.isReady && node.isLost)
        #expect(node.taints == [Taint(key: "k", value: "v", effect: .noSchedule)])
        #expect(node.internalIP == "10.89.0.1" && node.hostname == "h" && node.zone == "a")
        #expect(node.allocatable["cpu"].milliValue == 3900)
        #expect(node.kubeletVersion == "v1.31.4")
        #expect(node.roles == ["control-plane"])
    }
}

@Suite struct `base64` {
    @Test(arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar", "\u{0}\u{FF}é"])
    func `reads back`(text: String) {
        #expect(Base64.bytes(Base64.text(Array(text.utf8))) == Array(text.utf8))
    }

    @Test(arguments: [("f", "Zg=="), ("fo", "Zm8="), ("foobar", "Zm9vYmFy")])
    func `is the usual one`(text: String, encoded: String) {
        #expect(Base64.text(text.utf8) == encoded)
    }

    @Test(arguments: ["Z", "Zg", "Zg=", "Zg===", "====", "Zg==Zg==", "Z=g=", "Zm9-", "Zm 9"])
    func `is refused when malformed`(text: String) {
        #expect(Base64.bytes(text) == nil)
    }
}
