import Foundation
import KubernetesVersions
import Nodes
import Sandbox
import Testing

@Suite(.timeLimit(.minutes(1))) struct `the small programs of a machine` {
    @Test func `read, write, move and remove files as theirs do`() async throws {
        try await Lab.with { lab in
            let machine = try lab.machine("w-1")
            func run(_ words: String..., input: String = "") async throws -> CommandResult {
                try #require(await machine.run(Command(arguments: words, input: Array(input.utf8))))
            }
            #expect(try await run("cat", "/etc/hostname").text == "w-1\n")
            let missing = try await run("cat", "/etc/hostname", "/no/file")
            #expect(missing.exitCode == 1 && missing.text == "w-1\n")
            #expect(missing.errorText == "cat: /no/file: No such file or directory\n")
            #expect(try await run("cat", "/etc").errorText == "cat: /etc: Is a directory\n")

            #expect(try await run("install", "-d", "-m", "0700", "/opt/x/y").succeeded)
            #expect(try await run("install", "-m", "0600", "/dev/stdin", "/opt/x/y/f", input: "one\n").succeeded)
            #expect(
                try await run("find", "/opt/x", "-type", "f", "-printf", "%m %s %p\\n").text == "600 4 /opt/x/y/f\n"
            )
            #expect(try await run("mv", "-f", "-T", "/opt/x/y/f", "/opt/x/g").succeeded)
            #expect(try await run("cat", "/opt/x/g").text == "one\n")
            #expect(try await run("mv", "/opt/x/y/f", "/opt/x/h").exitCode == 1)
            #expect(try await run("test", "-f", "/opt/x/g").exitCode == 0)
            #expect(try await run("test", "-e", "/opt/x/y/f").exitCode == 1)
            #expect(try await run("sha256sum", "/opt/x/g").text.hasPrefix("2c8b08da5ce60398e1f19af0e5dccc744df274b8"))
            #expect(try await run("rm", "/opt/x").exitCode == 1)
            #expect(try await run("rm", "-rf", "/opt/x", "/never/there").succeeded)
            #expect(try await run("ls", "/opt/x").exitCode == 2)
        }
    }

    @Test func `are unknown where a real node has none, and take no shell's line`() async throws {
        try await Lab.with { lab in
            for words in [
                ["nonsense"], ["sh", "-c", "true"], ["bash"], ["/opt/bin/cat", "/etc/hostname"], ["cat /etc/x"],
            ] {
                let result = try #require(try await lab.machine("w-1").run(Command(arguments: words)))
                #expect(result.exitCode == 127 && result.errorText.hasSuffix(": command not found\n"), "\(words)")
            }
            #expect(try await lab.run("w-1", "/usr/bin/cat", "/etc/hostname").text == "w-1\n")
        }
    }

    @Test func `refuse options they do not know`() async throws {
        try await Lab.with { lab in
            for words in [
                ["cat", "-Z"], ["rm", "--magic", "/etc"], ["df", "-x"], ["pgrep"], ["systemctl", "--magic"],
            ] {
                let result = try #require(try await lab.machine("w-1").run(Command(arguments: words)))
                #expect(result.exitCode != 0 && !result.errorText.isEmpty, "\(words)")
            }
        }
    }

    @Test func `tell what the product reads of a node`() async throws {
        try await Lab.with { lab in
            let node = try lab.node("cp-1")
            let facts = try await NodeFacts.read(node)
            #expect(facts.distribution == "debian" && facts.distributionVersion == "12" && facts.machine == "x86_64")
            #expect(abs(facts.clock.timeIntervalSinceNow) < 60 && facts.bootID.count == 36)
            let space = try await DiskSpace.read(node, at: "/var/lib/etcd")
            #expect(space.mountPoint == "/" && space.availableBytes > 1 << 30)
            let images = try await StaticPodManifests(node).images()
            #expect(images[.apiServer] == "registry.k8s.io/kube-apiserver:v1.31.4" && images.count == 4)
            #expect(try await lab.run("cp-1", "kubelet", "--version").text == "Kubernetes v1.31.4\n")
            let marker = NodeMarker(node)
            let content = NodeMarker.Content(run: "r1", step: "s", started: "now")
            try await marker.set(content)
            #expect(try await marker.read() == content)
            try await marker.remove()
            #expect(try await marker.read() == nil)
        }
    }

    @Test func `see other processes, and not themselves`() async throws {
        try await Lab.with { lab in
            let machine = try lab.machine("cp-1")
            #expect(try await lab.run("cp-1", "pgrep", "-x", "kubeadm").exitCode == 1)
            #expect(try await lab.run("cp-1", "pgrep", "-x", "pgrep").exitCode == 1)
            let fault = await machine.inject(MachineFault(words: ["kubeadm", "version"], outcome: .hang))
            async let version = lab.run("cp-1", "kubeadm", "version", "-o", "short")
            try await eventually("kubeadm runs") {
                try await Kubeadm(try lab.node("cp-1")).processes().count == 1
            }
            await machine.lift(fault)
            #expect(try await version.text == "v1.31.4\n")
            #expect(try await Kubeadm(try lab.node("cp-1")).processes() == [])
        }
    }
}
