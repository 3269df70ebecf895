import Foundation

/// docs/benchmarks.md.
struct BenchmarkPage {
    let machine: Machine
    var drains: [DrainBench.Result] = []
    var plan: PlanBench.Result?
    var demo: [Sample] = []

    init(machine: Machine) { self.machine = machine }

    var text: String {
        var lines = [
            "# Benchmarks", "",
            "Written by `make bench`: everything below was measured in one run, side by side, on one machine. Each number "
                + "is a median, with the least and the most in brackets. Times depend on the machine; the ratios are what "
                + "to look at.",
            "", "| | |", "|---|---|", "| machine | \(machine.cores) cores, \(machine.processor), \(machine.memory) |",
            "| kernel | \(machine.kernel) |",
        ]
        lines += machine.versions.map { "| \($0.name) | \($0.version) |" }
        if !drains.isEmpty { lines += drainLines }
        if let plan { lines += Self.lines(plan) }
        if !demo.isEmpty { lines += demoLines }
        return lines.joined(separator: "\n") + "\n"
    }

    private var drainLines: [String] {
        var lines = [
            "", "## Draining a node", "",
            "`kubectl drain` and `keelstep drain` in turns, on the same node of the same sandbox (one control-plane node "
                + "with a real etcd member, two workers), with the same flags. Before each run the node is filled anew and "
                + "every pod is Ready; the pods have no controller and no budget holds them. Requests are those that the "
                + "API server counted, kubectl's discovery being cached.",
            "",
            "| pods | kubectl, s | keelstep, s | ratio | kubectl, requests | keelstep, requests | ratio |",
            "|---|---|---|---|---|---|---|",
        ]
        for drain in drains {
            let times = (Spread(drain.kubectl.samples.map(\.seconds)), Spread(drain.keelstep.samples.map(\.seconds)))
            let requests = (
                Spread(drain.kubectl.requests.map(Double.init)), Spread(drain.keelstep.requests.map(Double.init))
            )
            lines.append(
                "| \(drain.pods) | \(times.0.text(digits: 2)) | \(times.1.text(digits: 2)) | "
                    + "\(Self.ratio(times.1.median, times.0.median)) | \(requests.0.text(digits: 0)) | "
                    + "\(requests.1.text(digits: 0)) | \(Self.ratio(requests.1.median, requests.0.median)) |"
            )
        }
        return lines + [
            "",
            "A ratio below 1 means less for keelstep. Each drain was repeated \(drains[0].kubectl.samples.count) times.",
        ]
    }

    private static func lines(_ plan: PlanBench.Result) -> [String] {
        func row(_ name: String, _ samples: [Sample]) -> String {
            let seconds = Spread(samples.map(\.seconds)).text(digits: 1)
            let memory = Spread(samples.map { Double($0.peakBytes) / 1_048_576 }).text(digits: 0)
            return "| \(name) | \(seconds) | \(memory) |"
        }
        let time = ratio(Spread(plan.plan.map(\.seconds)).median, Spread(plan.list.map(\.seconds)).median)
        let memory = ratio(
            Spread(plan.plan.map { Double($0.peakBytes) }).median,
            Spread(plan.list.map { Double($0.peakBytes) }).median
        )
        return [
            "", "## Planning for a large cluster", "",
            "`keelstep plan --to v1.33.2` for \(plan.nodes) nodes with \(plan.pods) pods: the whole command, from the "
                + "kubeconfig to the printed plan. The API server is the sandbox's, over memory that was filled directly, "
                + "in another process on the same machine; every node is asked through its socket, behind which stands "
                + "one emulated worker for all of them; the three etcd members are real. Every Deployment has a budget. "
                + "Beside it, as a yardstick, the newest kubectl lists the same kinds of objects as JSON to nowhere, which "
                + "is less work: it asks no node and plans nothing.",
            "", "| | time, s | peak memory, MiB |", "|---|---|---|", row("`kubectl get … -A -o json`", plan.list),
            row("`keelstep plan`", plan.plan), "| ratio | \(time) | \(memory) |", "", "The plan: \(plan.hops).",
        ]
    }

    private var demoLines: [String] {
        let seconds = Spread(demo.map(\.seconds)).text(digits: 1)
        return [
            "", "## The demo", "",
            "`keelstep demo` (three control-plane nodes with real etcd members, five workers, two minors up, backups, "
                + "report, and all of it removed again) takes \(seconds) s; it is to stay under 60 s on two cores.",
        ]
    }

    private static func ratio(_ ours: Double, _ theirs: Double) -> String { String(format: "%.2f", ours / theirs) }
}
