/// `keelstep demo`: eight nodes, two minors, with backups, from nothing to nothing.
struct DemoBench: Sendable {
    let workbench: Workbench
    let repetitions = 2

    func run() async throws -> [Sample] {
        var samples: [Sample] = []
        for round in 1...repetitions {
            workbench.say("demo, round \(round) of \(repetitions)")
            let environment = [
                "KEELSTEP_SANDBOX_ROOT": workbench.folder, "XDG_STATE_HOME": workbench.folder + "/state",
            ]
            samples.append(try await workbench.measure([workbench.keelstep, "demo"], environment))
        }
        return samples
    }
}
