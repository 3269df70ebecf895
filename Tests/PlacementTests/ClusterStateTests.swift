import KubernetesModel
import Placement
import Testing

@Suite struct `a cluster's state` {
    @Test func `is as it was after a pod came and went`() {
        var state = ClusterState(nodes: [Make.node("n1")], pods: [])
        let spec = Make.required("podAntiAffinity", Make.podTerm("web", key: "kubernetes.io/hostname"))
        let pod = Make.pod("p", on: "n1", cpu: "4", spec: spec)
        let newcomer = Make.pod("q", cpu: "1", spec: ["containers": [["ports": [["hostPort": 1]]]]])
        #expect(Placement.fits(newcomer, on: "n1", in: state).fits)
        state.insert(pod)
        #expect(!Placement.fits(newcomer, on: "n1", in: state).fits)
        #expect(state.pods(on: "n1").map(\.key) == [pod.key])
        state.remove(pod: pod.key)
        #expect(Placement.fits(newcomer, on: "n1", in: state).fits)
        #expect(state.podCount == 0)
    }

    @Test func `follows a pod's changes`() {
        var state = ClusterState(nodes: [Make.node("n1"), Make.node("n2")], pods: [Make.pod("p", on: "n1")])
        state.insert(Make.pod("p", on: "n2"))
        #expect(state.node(of: ObjectKey(namespace: "shop", name: "p")) == "n2")
        #expect(state.pods(on: "n1").isEmpty)
        state.insert(Make.pod("p", on: "n2", phase: "Failed"))
        #expect(state.podCount == 0)
    }

    @Test func `keeps pods of a node that comes later or comes back`() {
        var state = ClusterState(nodes: [], pods: [Make.pod("p", on: "n1", cpu: "4")])
        state.insert(Make.node("n1"))
        #expect(!Placement.fits(Make.pod("q", cpu: "1"), on: "n1", in: state).fits)
        state.remove(node: "n1")
        #expect(state.nodeNames.isEmpty)
        #expect(state.pods(on: "n1").count == 1)
        state.insert(Make.node("n1"))
        state.insert(Make.node("n1", cpu: "6"))
        #expect(Placement.fits(Make.pod("q", cpu: "2"), on: "n1", in: state).fits)
        #expect(!Placement.fits(Make.pod("q", cpu: "3"), on: "n1", in: state).fits)
    }

    @Test func `is a value`() {
        let state = ClusterState(nodes: [Make.node("n1")], pods: [Make.pod("p", on: "n1")])
        var trial = state
        trial.insert(Make.node("n1", unschedulable: true))
        trial.remove(pod: ObjectKey(namespace: "shop", name: "p"))
        #expect(state.podCount == 1)
        #expect(Placement.fits(Make.pod("q"), on: "n1", in: state).fits)
        #expect(!Placement.fits(Make.pod("q"), on: "n1", in: trial).fits)
    }
}
