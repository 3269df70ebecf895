import Foundation
import Testing

extension EndToEnd {
    @Suite struct `how nodes are reached` {
        @Test(.timeLimit(.minutes(5))) func `is shown by nodes ping, and written by init`() async throws {
            try await RunningSandbox.with("--control-planes", "1", "--workers", "1", shop: false) { sandbox in
                let ping = try await sandbox.keelstep.run("nodes", "ping")
                expect(ping)
                let lines = ping.output.split(separator: "\n")
                #expect(lines.map { $0.prefix { $0 != " " } } == ["NODE", "cp-1", "worker-1"], "\(ping)")

                let unknown = try await sandbox.keelstep.run("nodes", "ping", "worker-9")
                expect(unknown, code: 1)
                #expect(unknown.errors.contains("the cluster has no node worker-9"), "\(unknown)")

                try await sandbox.fault("partition", "worker-1")
                let cut = try await sandbox.keelstep.run("nodes", "ping")
                expect(cut, code: 1)
                #expect(cut.output.contains("\nworker-1: "), "\(cut)")
                try await expectInit(sandbox)
            }
        }

        /// Nobody listens for ssh there: each node is told, the file is written, and not written over.
        private func expectInit(_ sandbox: RunningSandbox) async throws {
            let ssh = sandbox.folder + "/ssh_config"
            try Data("Host *\n  ProxyCommand false\n".utf8).write(to: URL(filePath: ssh))
            let file = sandbox.folder + "/written.yaml"
            let words = ["init", "--file", file, "--ssh-config", ssh, "--user", "ops"]
            let written = try await sandbox.keelstep.run(words)
            expect(written, code: 1)
            #expect(written.output.contains("cp-1       unreachable"), "\(written)")
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(text.contains("user: \"ops\"") && text.contains("configFile: \"\(ssh)\""), "\(text)")
            expect(try await sandbox.keelstep.run(words), code: 2)
            expect(try await sandbox.keelstep.run("nodes", "ping", "--config", file), code: 1)
        }
    }
}
