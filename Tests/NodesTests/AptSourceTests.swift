import KubernetesVersions
import Nodes
import Testing

@Suite struct `an apt source` {
    private let line =
        "deb [signed-by=/etc/apt/keyrings/kubernetes.gpg] https://pkgs.k8s.io/core:/stable:/v1.31/deb/ /\n"

    private func read(_ text: String, _ name: String = "kubernetes.list") -> AptSource? {
        AptSource(path: "/etc/apt/sources.list.d/\(name)", text: text)
    }

    @Test func `of one line names its minor and its key`() throws {
        let source = try #require(read(line))
        #expect(source.kind == .perMinor(MinorVersion(1, 31)))
        #expect(source.keyrings == ["/etc/apt/keyrings/kubernetes.gpg"])
        #expect(
            source.text(for: MinorVersion(1, 32))
                == "deb [signed-by=/etc/apt/keyrings/kubernetes.gpg] https://pkgs.k8s.io/core:/stable:/v1.32/deb/ /\n"
        )
    }

    @Test func `of the deb822 kind does so, too, its other lines untouched`() throws {
        let text = """
            # was https://pkgs.k8s.io/core:/stable:/v1.30/deb/
            Types: deb
            URIs: https://pkgs.k8s.io/core:/stable:/v1.31/deb/
            Suites: /
            Signed-By: /etc/apt/keyrings/kubernetes.gpg

            """
        let source = try #require(read(text, "kubernetes.sources"))
        #expect(source.kind == .perMinor(MinorVersion(1, 31)))
        #expect(source.keyrings == ["/etc/apt/keyrings/kubernetes.gpg"])
        #expect(source.text(for: MinorVersion(1, 32)) == text.replacing("/v1.31/deb", with: "/v1.32/deb"))
    }

    @Test func `switches the address alone, whatever else looks like a minor`() throws {
        let text = "deb [signed-by=/etc/apt/keyrings/v1.31/k.gpg] https://pkgs.k8s.io/core:/stable:/v1.31/deb/ /"
        #expect(
            try #require(read(text)).text(for: MinorVersion(1, 32))
                == "deb [signed-by=/etc/apt/keyrings/v1.31/k.gpg] https://pkgs.k8s.io/core:/stable:/v1.32/deb/ /"
        )
    }

    @Test(arguments: [
        "", "# deb https://pkgs.k8s.io/core:/stable:/v1.31/deb/ /\n",
        "deb http://mirror.example/debian bookworm main\n",
        "deb-src https://pkgs.k8s.io/core:/stable:/v1.31/deb/ /\n",
        "Types: deb\nURIs: https://pkgs.k8s.io/core:/stable:/v1.31/deb/\nSuites: /\nEnabled: no\n",
        "Types: deb\nURIs: https://pkgs.k8s.io/core:/stable:/v1.31/deb/\nSuites: /\nEnabled: false\n",
    ]) func `is none where nothing in force names Kubernetes`(text: String) {
        #expect(read(text) == nil)
    }

    @Test func `is in force by paragraph`() throws {
        let text = """
            Types: deb
            URIs: https://pkgs.k8s.io/core:/stable:/v1.30/deb/
            Suites: /
            Enabled: no

            Types: deb
            URIs: https://pkgs.k8s.io/core:/stable:/v1.31/deb/
            Suites: /

            """
        #expect(try #require(read(text, "k.sources")).kind == .perMinor(MinorVersion(1, 31)))
    }

    @Test(arguments: [
        "deb https://apt.kubernetes.io/ kubernetes-xenial main",
        "deb https://packages.cloud.google.com/apt kubernetes-xenial main",
    ]) func `of the repository that is gone says so`(text: String) throws {
        #expect(try #require(read(text)).kind == .legacy)
    }

    @Test func `with all minors in one place stays as it is`() throws {
        let text = "deb https://mirror.example/kubernetes/deb/ /\n"
        let source = try #require(read(text))
        #expect(source.kind == .flat && source.text(for: MinorVersion(1, 32)) == text)
        #expect(APT.switchCommands(source, to: MinorVersion(1, 32)) == [])
    }

    @Test func `is switched whole, through a file outside of apt's folder`() throws {
        let commands = APT.switchCommands(try #require(read(line)), to: MinorVersion(1, 32))
        #expect(commands.map(\.program) == ["install", "mv"])
        #expect(String(decoding: commands[0].input, as: UTF8.self).contains("/v1.32/"))
        let temporary = try #require(commands[0].arguments.last)
        #expect(!temporary.hasPrefix("/etc/apt/sources.list.d/") && temporary.hasPrefix("/etc/apt/"))
        #expect(commands[1].arguments.suffix(2) == [temporary, "/etc/apt/sources.list.d/kubernetes.list"])
    }
}
