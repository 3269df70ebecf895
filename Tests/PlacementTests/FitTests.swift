import KubernetesModel
import Placement
import Testing

private let hostname = "kubernetes.io/hostname"
private let zone = "topology.kubernetes.io/zone"

@Suite struct `a pod on a node` {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var pod: Pod
        var node: Node = Make.node("n1", labels: ["disk": "ssd", "cores": "8"])
        var present: [Pod] = []
        var reasons: [Verdict.Reason] = []

        var testDescription: String { name }
    }

    private static let dedicated: JSONValue = ["key": "dedicated", "value": "db", "effect": "NoSchedule"]
    private static let cases: [Case] = [
        Case(name: "that asks for nothing fits", pod: Make.pod("p")),
        Case(name: "that asks for all there is fits", pod: Make.pod("p", cpu: "4")),
        Case(
            name: "that asks for more does not",
            pod: Make.pod("p", cpu: "4001m"),
            reasons: [.insufficient(resource: "cpu")]
        ),
        Case(
            name: "that asks for more than is left does not",
            pod: Make.pod("p", cpu: "1"),
            present: [Make.pod("q", on: "n1", cpu: "3500m")],
            reasons: [.insufficient(resource: "cpu")]
        ),
        Case(
            name: "takes the place of a finished pod",
            pod: Make.pod("p", cpu: "1"),
            present: [Make.pod("q", on: "n1", cpu: "3500m", phase: "Succeeded")]
        ),
        Case(
            name: "does not take the place of a terminating pod",
            pod: Make.pod("p", cpu: "1"),
            present: [Make.pod("q", on: "n1", cpu: "3500m", deleted: true)],
            reasons: [.insufficient(resource: "cpu")]
        ),
        Case(
            name: "that asks for a device no node has does not fit",
            pod: Make.pod("p", spec: ["containers": [["resources": ["limits": ["example.com/gpu": 1]]]]]),
            reasons: [.insufficient(resource: "example.com/gpu")]
        ),
        Case(
            name: "that asks for one of two devices fits",
            pod: Make.pod("p", spec: ["containers": [["resources": ["limits": ["example.com/gpu": 1]]]]]),
            node: Make.node("n1", more: ["example.com/gpu": "2"])
        ),
        Case(
            name: "is one too many, and short of two resources",
            pod: Make.pod(
                "p",
                spec: ["containers": [["resources": ["requests": ["cpu": "9", "memory": "1Ti"]]]]]
            ),
            node: Make.node("n1", pods: "1"),
            present: [Make.pod("q", on: "n1")],
            reasons: [.tooManyPods, .insufficient(resource: "cpu"), .insufficient(resource: "memory")]
        ),
        Case(
            name: "on a cordoned node does not fit",
            pod: Make.pod("p"),
            node: Make.node("n1", unschedulable: true),
            reasons: [.unschedulable]
        ),
        Case(
            name: "on a cordoned node fits if it tolerates that",
            pod: Make.pod("p", spec: ["tolerations": [["operator": "Exists"]]]),
            node: Make.node("n1", unschedulable: true)
        ),
        Case(
            name: "that does not tolerate a taint does not fit",
            pod: Make.pod("p"),
            node: Make.node("n1", taints: [dedicated]),
            reasons: [.untolerated(Taint(key: "dedicated", value: "db", effect: .noSchedule))]
        ),
        Case(
            name: "that tolerates a taint fits",
            pod: Make.pod("p", spec: ["tolerations": [["key": "dedicated", "value": "db"]]]),
            node: Make.node("n1", taints: [dedicated])
        ),
        Case(
            name: "minds no soft taint",
            pod: Make.pod("p"),
            node: Make.node("n1", taints: [["key": "k", "effect": "PreferNoSchedule"]])
        ),
        Case(name: "that selects the node's labels fits", pod: Make.pod("p", spec: ["nodeSelector": ["disk": "ssd"]])),
        Case(
            name: "that selects other labels does not",
            pod: Make.pod("p", spec: ["nodeSelector": ["disk": "hdd"]]),
            reasons: [.nodeAffinity]
        ),
        Case(
            name: "fits if one of two node terms matches",
            pod: Make.pod(
                "p",
                spec: Make.nodeTerms(
                    ["matchExpressions": [["key": "disk", "operator": "In", "values": ["hdd"]]]],
                    ["matchExpressions": [["key": "cores", "operator": "Gt", "values": ["4"]]]]
                )
            )
        ),
        Case(
            name: "does not fit if a term matches by half",
            pod: Make.pod(
                "p",
                spec: Make.nodeTerms([
                    "matchExpressions": [
                        ["key": "disk", "operator": "Exists"], ["key": "cores", "operator": "Lt", "values": ["8"]],
                    ]
                ])
            ),
            reasons: [.nodeAffinity]
        ),
        Case(
            name: "does not fit an empty node term",
            pod: Make.pod("p", spec: Make.nodeTerms([:])),
            reasons: [.nodeAffinity]
        ),
        Case(
            name: "fits a node named by a field",
            pod: Make.pod(
                "p",
                spec: Make.nodeTerms(["matchFields": [["key": "metadata.name", "operator": "In", "values": ["n1"]]]])
            )
        ),
        Case(
            name: "does not fit beside one with its host port",
            pod: Make.pod("p", spec: ["containers": [["ports": [["hostPort": 80]]]]]),
            present: [
                Make.pod("q", on: "n1", spec: ["containers": [["ports": [["hostPort": 80, "hostIP": "10.0.0.1"]]]]])
            ],
            reasons: [.hostPorts]
        ),
        Case(
            name: "fits beside one with the port of another protocol or address",
            pod: Make.pod("p", spec: ["containers": [["ports": [["hostPort": 80, "hostIP": "10.0.0.2"]]]]]),
            present: [
                Make.pod("q", on: "n1", spec: ["containers": [["ports": [["hostPort": 80, "hostIP": "10.0.0.1"]]]]]),
                Make.pod("r", on: "n1", spec: ["containers": [["ports": [["hostPort": 80, "protocol": "UDP"]]]]]),
            ]
        ),
        Case(
            name: "does not fit beside what it avoids",
            pod: Make.pod("p", spec: Make.required("podAntiAffinity", Make.podTerm("web", key: hostname))),
            present: [Make.pod("q", on: "n1")],
            reasons: [.antiAffinity]
        ),
        Case(
            name: "does not fit beside what avoids it",
            pod: Make.pod("p"),
            present: [
                Make.pod(
                    "q",
                    on: "n1",
                    labels: [:],
                    spec: Make.required("podAntiAffinity", Make.podTerm("web", key: hostname))
                )
            ],
            reasons: [.antiAffinityOfOthers]
        ),
        Case(
            name: "minds only its own namespace",
            pod: Make.pod("p", spec: Make.required("podAntiAffinity", Make.podTerm("web", key: hostname))),
            present: [Make.pod("q", on: "n1", namespace: "other")]
        ),
        Case(
            name: "minds the namespaces it names",
            pod: Make.pod(
                "p",
                spec: Make.required(
                    "podAntiAffinity",
                    Make.podTerm("web", key: hostname, more: ["namespaces": ["other"]])
                )
            ),
            present: [Make.pod("q", on: "n1", namespace: "other")],
            reasons: [.antiAffinity]
        ),
        Case(
            name: "minds every namespace it selects",
            pod: Make.pod(
                "p",
                spec: Make.required(
                    "podAntiAffinity",
                    Make.podTerm("web", key: hostname, more: ["namespaceSelector": [:]])
                )
            ),
            present: [Make.pod("q", on: "n1", namespace: "other")],
            reasons: [.antiAffinity]
        ),
        Case(
            name: "does not fit where nothing stands that it wants near",
            pod: Make.pod("p", spec: Make.required("podAffinity", Make.podTerm("db", key: hostname))),
            reasons: [.affinity]
        ),
        Case(
            name: "fits where that stands",
            pod: Make.pod("p", spec: Make.required("podAffinity", Make.podTerm("db", key: hostname))),
            present: [Make.pod("q", on: "n1", labels: ["app": "db"])]
        ),
        Case(
            name: "may be the first of those that want to be together",
            pod: Make.pod("p", spec: Make.required("podAffinity", Make.podTerm("web", key: hostname)))
        ),
        Case(
            name: "does not fit a node without the label of its group",
            pod: Make.pod("p", spec: Make.required("podAffinity", Make.podTerm("web", key: zone))),
            reasons: [.affinity]
        ),
        Case(
            name: "to be spread does not fit a node without the label",
            pod: Make.pod("p", spec: Make.spread(zone)),
            reasons: [.spreadLabelMissing]
        ),
    ]

    @Test(arguments: cases) func `fits, or not and why`(example: Case) {
        let state = ClusterState(nodes: [example.node], pods: example.present)
        #expect(Placement.fits(example.pod, on: "n1", in: state) == Verdict(reasons: example.reasons))
    }

    @Test func `that is unknown does not fit`() {
        #expect(Placement.fits(Make.pod("p"), on: "n1", in: ClusterState()).reasons == [.unknownNode])
    }
}

@Suite struct `pods over zones` {
    private let nodes = [Make.zoned("a1", "a"), Make.zoned("a2", "a"), Make.zoned("b1", "b"), Make.zoned("c1", "c")]

    private func fitting(_ pod: Pod, _ present: [Pod], nodes: [Node]? = nil) -> [String] {
        let state = ClusterState(nodes: nodes ?? self.nodes, pods: present)
        return Placement(of: PodNeeds(pod), in: state).nodesThatFit()
    }

    private func web(_ nodes: String...) -> [Pod] {
        nodes.enumerated().map { Make.pod("w\($0.offset)", on: $0.element) }
    }

    @Test func `are kept even`() {
        let pod = Make.pod("p", spec: Make.spread(zone))
        #expect(fitting(pod, []) == ["a1", "a2", "b1", "c1"])
        #expect(fitting(pod, web("a1")) == ["b1", "c1"])
        #expect(fitting(pod, web("a1", "b1")) == ["c1"])
        #expect(fitting(pod, web("a1", "b1", "c1")) == ["a1", "a2", "b1", "c1"])
        #expect(fitting(Make.pod("p", spec: Make.spread(zone, skew: 2)), web("a1")) == ["a1", "a2", "b1", "c1"])
    }

    @Test func `do not count others' pods, nor those that go`() {
        let pod = Make.pod("p", spec: Make.spread(zone))
        let others = [
            Make.pod("x", on: "a1", labels: ["app": "db"]), Make.pod("y", on: "a1", namespace: "other"),
            Make.pod("z", on: "a1", deleted: true),
        ]
        #expect(fitting(pod, others) == ["a1", "a2", "b1", "c1"])
    }

    @Test func `count nodes that are cordoned, unless taints are honoured`() {
        var nodes = nodes
        nodes[3] = Make.node("c1", labels: [zone: "c"], unschedulable: true)
        // Zone c is empty and closed: one more in a or b would make a skew of two.
        #expect(fitting(Make.pod("p", spec: Make.spread(zone)), web("a1", "b1"), nodes: nodes) == [])
        let honouring = Make.pod("p", spec: Make.spread(zone, more: ["nodeTaintsPolicy": "Honor"]))
        #expect(fitting(honouring, web("a1", "b1"), nodes: nodes) == ["a1", "a2", "b1"])
    }

    @Test func `count only nodes the pod selects, unless affinity is ignored`() {
        var spec = Make.spread(zone)
        spec["nodeSelector"] = ["pool": "x"]
        let nodes = [
            Make.node("a1", labels: [zone: "a", "pool": "x"]), Make.node("b1", labels: [zone: "b", "pool": "x"]),
            Make.zoned("c1", "c"),
        ]
        #expect(fitting(Make.pod("p", spec: spec), web("a1", "b1"), nodes: nodes) == ["a1", "b1"])
        spec = Make.spread(zone, more: ["nodeAffinityPolicy": "Ignore"])
        spec["nodeSelector"] = ["pool": "x"]
        #expect(fitting(Make.pod("p", spec: spec), web("a1", "b1"), nodes: nodes) == [])
    }

    @Test func `need as many zones as they ask for`() {
        let pod = Make.pod("p", spec: Make.spread(zone, more: ["minDomains": 4]))
        #expect(fitting(pod, web("a1", "b1", "c1")) == [])
        #expect(fitting(pod, web("a1")) == ["b1", "c1"])
    }

    @Test func `keep apart and together by zone`() {
        let apart = Make.pod("p", spec: Make.required("podAntiAffinity", Make.podTerm("web", key: zone)))
        #expect(fitting(apart, web("a1")) == ["b1", "c1"])
        let together = Make.pod("p", spec: Make.required("podAffinity", Make.podTerm("web", key: zone)))
        #expect(fitting(together, web("a1")) == ["a1", "a2"])
    }

    @Test func `with a volume stay where it is`() {
        var state = ClusterState(nodes: nodes, pods: [])
        state.insert(
            volume: KubernetesObject([
                "spec": [
                    "nodeAffinity": [
                        "required": [
                            "nodeSelectorTerms": [
                                ["matchExpressions": [["key": .string(zone), "operator": "In", "values": ["b"]]]]
                            ]
                        ]
                    ]
                ]
            ]),
            boundTo: ObjectKey(namespace: "shop", name: "data")
        )
        let pod = Make.pod("p", spec: ["volumes": [["persistentVolumeClaim": ["claimName": "data"]]]])
        let placement = Placement(of: PodNeeds(pod), in: state)
        #expect(placement.nodesThatFit() == ["b1"])
        #expect(placement.verdict(on: "a1").reasons == [.volumeElsewhere])
    }
}

@Suite struct `choosing a node` {
    private func choose(_ pod: Pod, _ nodes: [Node], _ present: [Pod] = []) -> Choice {
        Placement(of: PodNeeds(pod), in: ClusterState(nodes: nodes, pods: present)).choose()
    }

    @Test func `takes the one with the most room`() {
        let present = [Make.pod("q", on: "n1", labels: [:], cpu: "2")]
        #expect(choose(Make.pod("p"), [Make.node("n1"), Make.node("n2")], present) == .node("n2"))
    }

    @Test func `takes the first by name of equals`() {
        #expect(choose(Make.pod("p"), [Make.node("n2"), Make.node("n1")]) == .node("n1"))
    }

    @Test func `avoids a soft taint though the other node is full of its fellows`() {
        let soft: JSONValue = ["key": "keelstep/waiting", "effect": "PreferNoSchedule"]
        let nodes = [Make.node("n1", taints: [soft]), Make.node("n2")]
        let present = [Make.pod("q", on: "n2", cpu: "1"), Make.pod("r", on: "n2", cpu: "1")]
        #expect(choose(Make.pod("p"), nodes, present) == .node("n2"))
        #expect(choose(Make.pod("p", cpu: "3"), nodes, present) == .node("n1"))
    }

    @Test func `stands apart from its fellows`() {
        #expect(choose(Make.pod("p"), [Make.node("n1"), Make.node("n2")], [Make.pod("q", on: "n1")]) == .node("n2"))
    }

    @Test func `follows preferred affinity`() {
        let nodes = [Make.node("n1"), Make.node("n2", labels: ["disk": "ssd"])]
        let node: JSONValue = [
            "affinity": [
                "nodeAffinity": [
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        ["weight": 1, "preference": ["matchExpressions": [["key": "disk", "operator": "Exists"]]]]
                    ]
                ]
            ]
        ]
        #expect(choose(Make.pod("p", spec: node), nodes) == .node("n2"))
        func near(_ kind: String) -> JSONValue {
            [
                "affinity": [
                    kind: [
                        "preferredDuringSchedulingIgnoredDuringExecution": [
                            ["weight": 50, "podAffinityTerm": Make.podTerm("db", key: hostname)]
                        ]
                    ]
                ]
            ]
        }
        let database = [Make.pod("q", on: "n2", labels: ["app": "db"])]
        #expect(choose(Make.pod("p", spec: near("podAffinity")), nodes, database) == .node("n2"))
        let other = [Make.pod("q", on: "n1", labels: ["app": "db"])]
        #expect(choose(Make.pod("p", spec: near("podAntiAffinity")), nodes, other) == .node("n2"))
    }

    @Test func `says why there is none`() {
        let nodes = [
            Make.node("n1", unschedulable: true), Make.node("n2", cpu: "1"), Make.node("n3", cpu: "1"),
        ]
        #expect(
            choose(Make.pod("p", cpu: "2"), nodes).description
                == "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu."
        )
        #expect(choose(Make.pod("p"), []).description == "0/0 nodes are available.")
    }
}
