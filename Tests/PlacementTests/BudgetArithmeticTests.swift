import Foundation
import KubernetesModel
import Placement
import Testing

@Suite struct `a disruption budget` {
    private static let now = Date(timeIntervalSince1970: 1_784_866_189)

    struct Case: Sendable, CustomTestStringConvertible {
        var rule: [String: JSONValue]
        var replicas: Int
        var ready: Int
        var unready = 0
        /// Expected pods, desired healthy, allowed.
        var expected: [Int]
        var neverAllows = false

        var testDescription: String {
            "\(rule.keys.first ?? "") \(rule.values.first?.text ?? "") of \(replicas), \(ready) ready"
        }
    }

    @Test(arguments: [
        Case(rule: ["minAvailable": 2], replicas: 3, ready: 3, expected: [3, 2, 1]),
        Case(rule: ["minAvailable": 3], replicas: 3, ready: 3, expected: [3, 3, 0], neverAllows: true),
        Case(rule: ["minAvailable": 5], replicas: 3, ready: 3, expected: [3, 5, 0], neverAllows: true),
        Case(rule: ["minAvailable": 0], replicas: 3, ready: 1, expected: [1, 0, 1]),
        Case(rule: ["minAvailable": "50%"], replicas: 1, ready: 1, expected: [1, 1, 0], neverAllows: true),
        Case(rule: ["minAvailable": "50%"], replicas: 3, ready: 3, expected: [3, 2, 1]),
        Case(rule: ["minAvailable": "100%"], replicas: 3, ready: 3, expected: [3, 3, 0], neverAllows: true),
        Case(rule: ["minAvailable": "0%"], replicas: 2, ready: 2, expected: [2, 0, 2]),
        Case(rule: ["maxUnavailable": 1], replicas: 3, ready: 3, expected: [3, 2, 1]),
        Case(rule: ["maxUnavailable": 0], replicas: 3, ready: 3, expected: [3, 3, 0], neverAllows: true),
        Case(rule: ["maxUnavailable": 9], replicas: 3, ready: 3, expected: [3, 0, 3]),
        Case(rule: ["maxUnavailable": "30%"], replicas: 1, ready: 1, expected: [1, 0, 1]),
        Case(rule: ["maxUnavailable": "25%"], replicas: 10, ready: 10, expected: [10, 7, 3]),
        Case(rule: ["maxUnavailable": 1], replicas: 3, ready: 2, unready: 1, expected: [3, 2, 0]),
        // The controller wants five, only three exist yet.
        Case(rule: ["maxUnavailable": 1], replicas: 5, ready: 3, expected: [5, 4, 0]),
        Case(rule: ["minAvailable": 1], replicas: 3, ready: 0, unready: 2, expected: [2, 1, 0]),
        Case(rule: ["minAvailable": 1], replicas: 0, ready: 0, expected: [0, 1, 0]),
        Case(rule: ["maxUnavailable": 1], replicas: 0, ready: 0, expected: [0, 0, 0]),
        Case(rule: [:], replicas: 3, ready: 3, expected: [0, 0, 0]),
    ])
    func `allows what its rule leaves`(example: Case) {
        let pods =
            (0..<example.ready).map { Self.pod("r\($0)", ready: true) }
            + (0..<example.unready).map { Self.pod("u\($0)", ready: false) }
        let status = BudgetArithmetic.status(
            of: Self.budget(example.rule),
            pods: pods + [Self.pod("other", ready: true, labels: ["app": "db"])],
            now: Self.now
        ) { _, _ in .init(uid: "deployment", replicas: example.replicas) }
        #expect([status.expectedPods, status.desiredHealthy, status.disruptionsAllowed] == example.expected)
        #expect(status.currentHealthy == example.ready)
        #expect(status.neverAllows == example.neverAllows)
        #expect(status.failure == nil)
    }

    @Test func `counts neither pods that go nor pods granted an eviction`() {
        let granted = Timestamp.string(from: Self.now.addingTimeInterval(-60))
        let old = Timestamp.string(from: Self.now.addingTimeInterval(-121))
        let budget = Self.budget(
            ["minAvailable": 1],
            status: [
                "disruptedPods": [
                    "granted": .string(granted), "old": .string(old), "gone": .string(granted),
                    "going": .string(granted),
                ]
            ]
        )
        let pods = [
            Self.pod("granted", ready: true), Self.pod("old", ready: true),
            Self.pod("going", ready: true, deleted: true), Self.pod("fine", ready: true),
        ]
        let status = BudgetArithmetic.status(of: budget, pods: pods, now: Self.now) { _, _ in nil }
        #expect(status.currentHealthy == 2)
        #expect(status.expectedPods == 4)
        #expect(status.disruptionsAllowed == 1)
        #expect(status.disruptedPods == ["granted": granted])
    }

    @Test func `counts each controller once, through what owns it`() {
        let pods = ["a", "a", "b"].enumerated().map { Self.pod("p\($0.offset)", ready: true, owner: $0.element) }
        let bare = Self.pod("bare", ready: true, owner: nil)
        let budget = Self.budget(["maxUnavailable": 1])
        let apart = BudgetArithmetic.status(of: budget, pods: pods + [bare], now: Self.now) { owner, _ in
            .init(uid: owner.uid, replicas: owner.uid == "a" ? 2 : 1)
        }
        #expect(apart.expectedPods == 3)
        #expect(apart.unmanagedPods == ["bare"])
        // Two ReplicaSets of one Deployment.
        let together = BudgetArithmetic.status(of: budget, pods: pods, now: Self.now) { _, _ in
            .init(uid: "deployment", replicas: 3)
        }
        #expect(together.expectedPods == 3)
    }

    @Test func `allows nothing when a controller's scale is not to be had`() {
        let pods = [Self.pod("p", ready: true)]
        let status = BudgetArithmetic.status(of: Self.budget(["minAvailable": "0%"]), pods: pods, now: Self.now) {
            _,
            _ in
            nil
        }
        #expect(status.disruptionsAllowed == 0)
        #expect(status.failure == "found no controllers for pod \"p\"")
        // A plain count needs no scale.
        let counted = BudgetArithmetic.status(of: Self.budget(["minAvailable": 0]), pods: pods, now: Self.now) { _, _ in
            nil
        }
        #expect(counted.disruptionsAllowed == 1)
    }

    @Test(
        arguments: [
            ("policy/v1", [:] as JSONValue, 1), ("policy/v1", nil, 0), ("policy/v1beta1", [:], 0),
        ] as [(String, JSONValue, Int)]
    )
    func `with an empty selector means what its version says`(apiVersion: String, selector: JSONValue, count: Int) {
        var budget = Self.budget(["minAvailable": 0]).object
        budget["apiVersion"] = .string(apiVersion)
        budget["spec", "selector"] = selector.isNull ? nil : selector
        let status = BudgetArithmetic.status(
            of: PodDisruptionBudget(budget),
            pods: [Self.pod("p", ready: true)],
            now: Self.now
        ) { _, _ in nil }
        #expect(status.expectedPods == count)
    }

    private static func budget(_ rule: [String: JSONValue], status: JSONValue = [:]) -> PodDisruptionBudget {
        var object = KubernetesObject(.podDisruptionBudgets, namespace: "shop", name: "budget")
        object.spec = .object(rule)
        object["spec", "selector"] = ["matchLabels": ["app": "web"]]
        object.status = status
        return PodDisruptionBudget(object)
    }

    private static func pod(
        _ name: String,
        ready: Bool,
        labels: [String: String] = ["app": "web"],
        deleted: Bool = false,
        owner: String? = "a"
    ) -> Pod {
        var object = Make.pod(name, on: "n1", labels: labels, deleted: deleted).object
        object["status", "conditions"] = [["type": "Ready", "status": ready ? "True" : "False"]]
        if let owner {
            object["metadata", "ownerReferences"] = [
                [
                    "kind": "ReplicaSet", "apiVersion": "apps/v1", "name": .string(owner), "uid": .string(owner),
                    "controller": true,
                ]
            ]
        }
        return Pod(object)
    }
}
