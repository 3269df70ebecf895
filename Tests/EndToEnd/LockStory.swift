import Foundation
import Testing

extension EndToEnd {
    @Suite struct `a second operator` {
        @Test(.timeLimit(.minutes(10)))
        func `is refused with the holder's name, and takes over once the holder is gone`() async throws {
            try await RunningSandbox.with("--control-planes", "1", "--workers", "1", "--speed", "100", shop: false) {
                sandbox in
                try await sandbox.openStall(replicas: 2)
                try await sandbox.fault("command", "--match", "kubeadm upgrade apply", "--hang")
                let words = ["upgrade", "--to", "v1.32.6", "--yes", "--stable-for", "0s"]
                let (_, killed) = try await sandbox.keelstep.beside(words) { pid in
                    try await eventually("the run is in the middle of kubeadm") {
                        try await sandbox.keelstep.run("status").output.contains("→ cp-1: kubeadm upgrade apply")
                    }
                    for command in [words, ["resume"]] {
                        let second = try await sandbox.keelstep.run(command)
                        expect(second, code: 1)
                        #expect(second.errors.contains("(process \(pid)) holds the run's lock"), "\(second)")
                    }
                    kill(pid, SIGKILL)
                }
                expect(killed, code: 137)
                expect(try await sandbox.sandbox("fault", "clear"))

                // As another machine would have left it, whose processes cannot be seen from here.
                let now = Date().formatted(.iso8601.dateTimeSeparator(.standard)).replacing("Z", with: ".000000Z")
                let holder = #"{"spec":{"holderIdentity":"eve@other/4711/1/0badcafe","renewTime":"\#(now)"}}"#
                let lease = ["patch", "lease", "keelstep", "-n", "kube-system", "--type=merge", "-p", holder]
                // The kubeadm that hung goes on now, and restarts the only member: the API is away for a moment.
                try await eventually("the lock is another machine's") {
                    try await sandbox.kubectl().run(lease).code == 0
                }
                let early = try await sandbox.keelstep.run("resume")
                expect(early, code: 1)
                #expect(early.errors.contains("eve@other (process 4711)"), "\(early)")

                var late = early
                try await eventually("the silent holder's term is over") {
                    late = try await sandbox.keelstep.run("resume")
                    return late.code != 1
                }
                expect(late)
                try await sandbox.expectEveryNode(at: "v1.32.6")
                try await sandbox.expectStall()
                let applied = try await sandbox.sandbox("commands").output.split(separator: "\n")
                    .filter { $0.hasPrefix("cp-1 0 kubeadm upgrade apply") }
                #expect(applied.count == 1, "\(applied)")
            }
        }
    }
}
