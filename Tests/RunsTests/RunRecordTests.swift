import KubernetesModel
import Testing

@testable import Runs

@Suite struct `a run's record in the cluster` {
    private func record(plan: [UInt8]) -> RunRecord {
        RunRecord(
            run: "20260724-040949-3f9a",
            state: .paused,
            title: "upgrade to v1.32.6",
            startedAt: "2026-07-24T04:09:49Z",
            who: "me@here",
            toolVersion: "1.0",
            plan: plan,
            cordoned: ["worker-1", "worker-2"],
            finishedHops: [1, 2],
            shortfalls: ["Deployment shop/web": 2, "DaemonSet kube-system/\"odd\"": 0],
            pause: "worker-1: drain\n  remedy"
        )
    }

    @Test func `is read as it was written`() throws {
        let plan = Array(String(repeating: #"{"step":"1/workers/worker-1/drain"},"#, count: 500).utf8)
        let record = record(plan: plan)
        let object = record.object
        #expect(object.key == RunRecord.key)
        #expect((object["data", "plan"]?.string ?? "").utf8.count < plan.count / 10)
        #expect(try RunRecord(object) == record)
        // As the API would give it back: through JSON.
        let again = try KubernetesObject(JSONValue(parsing: object.value.bytes))
        #expect(try RunRecord(again) == record)
    }

    @Test func `leaves out a plan that no ConfigMap holds`() throws {
        var random = SeededGenerator(seed: 1)
        let plan = (0..<700_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        let object = record(plan: plan).object
        #expect(object["data", "plan"] == nil)
        #expect(try RunRecord(object) == record(plan: []))
    }

    @Test(
        arguments: [
            ["run": nil], ["state": nil], ["state": "dancing"], ["cordoned": "["], ["finishedHops": "{"],
            ["shortfalls": "no"], ["plan": "%%%"], ["plan": "AAECAw=="],
        ] as [[String: String?]]
    ) func `is refused when it makes no sense`(change: [String: String?]) {
        var object = record(plan: [1, 2, 3]).object
        for (key, value) in change { object["data", key] = value.map { .string($0) } }
        let error = #expect(throws: RunRecordError.self) { _ = try RunRecord(object) }
        #expect(error?.description.contains("kube-system/keelstep-run") == true)
    }

    @Test func `of an earlier program may lack what came later`() throws {
        var object = KubernetesObject(.configMaps, namespace: "kube-system", name: "keelstep-run")
        object["data"] = ["run": "r1", "state": "running"]
        let record = try RunRecord(object)
        #expect(record.isOpen && record.plan == [] && record.cordoned == [] && record.finishedHops == [])
    }
}

@Suite struct `compressed bytes` {
    private static var samples: [[UInt8]] {
        var random = SeededGenerator(seed: 7)
        func bytes(_ count: Int, of alphabet: ClosedRange<UInt8>) -> [UInt8] {
            (0..<count).map { _ in UInt8.random(in: alphabet, using: &random) }
        }
        return [
            [], [0], Array("abcabc".utf8), Array("abcdefabcdef".utf8), Array(repeating: 7, count: 100_000),
            Array(String(repeating: "worker-12/drain,", count: 300).utf8),
        ] + (1...40).map { bytes($0 * 13, of: 0...255) } + (1...40).map { bytes($0 * 29, of: 0...2) }
    }

    @Test func `are expanded to what they were`() {
        for sample in Self.samples { #expect(LempelZiv.expand(LempelZiv.compress(sample)) == sample) }
    }

    @Test func `of what repeats itself are few`() {
        #expect(LempelZiv.compress(Array(repeating: 7, count: 100_000)).count < 20)
    }

    @Test func `that were cut are never taken for something else`() {
        for sample in Self.samples where sample.count < 700 {
            let whole = LempelZiv.compress(sample)
            for length in 0..<whole.count {
                let expanded = LempelZiv.expand(Array(whole.prefix(length)))
                #expect(expanded == nil || expanded == sample)
            }
        }
    }

    @Test func `that are noise give nothing, or something of the length they name`() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            let noise = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            guard let expanded = LempelZiv.expand(noise), let length = noise.first, length < 128 else { continue }
            #expect(expanded.count == Int(length))
        }
    }

    @Test(
        arguments: [
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x80, 0x80, 0x80, 0x80, 0x01, 0x00],
            [5, 0, 5, 1], [5, 1, 9, 4, 0], [5, 1, 9, 4, 2], [5, 6], [1, 1, 9, 1, 1],
            [4, 1, 9, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 1], [3, 1, 9],
        ] as [[UInt8]]
    ) func `that nobody wrote are refused`(bytes: [UInt8]) {
        #expect(LempelZiv.expand(bytes) == nil)
    }
}
