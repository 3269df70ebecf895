import KubernetesModel
import Sandbox
import Testing

@Suite struct `an effect of a client` {
    private func key(_ body: JSONValue) -> String {
        ClientKiller.key(method: "POST", path: "/api/v1/namespaces/kube-system/configmaps", body: body)
    }

    @Test func `is the same in the next run, whatever that is called and whenever it is`() {
        let first: JSONValue = [
            "metadata": ["name": "keelstep-run", "resourceVersion": "1"],
            "data": ["run": "20260724-040949-3f9a", "startedAt": "2026-07-24T04:09:49Z", "state": "running"],
        ]
        var next = first
        next["metadata", "resourceVersion"] = "2"
        next["data", "run"] = "20260724-041500-00ff"
        next["data", "startedAt"] = "2026-07-24T04:15:00Z"
        #expect(key(first) == key(next))
        next["data", "state"] = "paused"
        #expect(key(first) != key(next))
    }

    @Test(arguments: ["kube-system", "", "--", "20260724-040949-3f9", "worker-1", "20260724x040949-3f9a", "1-2-3"])
    func `is told by every other word`(word: String) {
        #expect(key(["data": ["x": .string(word)]]) != key(["data": ["x": "20260724-040949-3f9a"]]))
    }

    @Test func `is met once before and once after it, and then let through`() {
        let killer = ClientKiller()
        killer.set(.everyEffect)
        // A client of PID 0 cannot be killed, and goes on.
        #expect(killer.before("a", pid: 0) == .goOn && killer.after("a", pid: 0) == .goOn)
        #expect(killer.log == ["a"])
        killer.set(nil)
        #expect(killer.before("b", pid: 0) == .goOn && killer.log == [])
    }

    @Test(
        arguments: [
            ("keelstep/1.0 (linux/amd64; pid 4711)", 4711), ("keelstep/1.0", nil), ("kubectl/v1.31 pid 4711", nil),
            ("", nil),
            ("keelstep/1.0 (pid x)", nil),
        ] as [(String, Int32?)]
    ) func `tells its process where it is ours`(agent: String, pid: Int32?) {
        #expect(ClientKiller.pid(userAgent: agent) == pid)
    }
}
