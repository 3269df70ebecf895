import Nodes

/// dpkg.
extension Machine {
    func dpkg(_ call: Invocation) async throws -> CommandResult {
        var words = call.arguments.filter { !["--force-confdef", "--force-confold"].contains($0) }
        switch words.popFirstWord() {
        case "--configure":
            guard words == ["-a"] || words == ["--pending"] else {
                return .complaint("dpkg", "error: package '\(words.first ?? "")' is not known here", exitCode: 2)
            }
            return try await configurePending()
        case "-l", "--list":
            var transcript = Transcript()
            for package in state.packages.packages.values.sorted(by: { $0.name < $1.name })
            where words.isEmpty || words.contains(where: { Glob.matches($0, package.name) }) {
                transcript.print("\(package.abbreviation) \(package.name) \(package.version) amd64")
            }
            return transcript.result
        case "--print-architecture": return .out("amd64\n")
        case "-S", "--search":
            let owners = ["/usr/bin/kubeadm": "kubeadm", "/usr/bin/kubelet": "kubelet", "/usr/bin/kubectl": "kubectl"]
            guard let path = words.first, let owner = owners[path], state.packages.isUnpacked(owner) else {
                return .complaint("dpkg-query", "no path found matching pattern \(words.first ?? "")")
            }
            return .out("\(owner): \(path)\n")
        case let option?:
            return .complaint("dpkg", "error: unknown option \(option)", exitCode: 2)
        case nil:
            return .complaint("dpkg", "error: need an action option", exitCode: 2)
        }
    }

    private func configurePending() async throws -> CommandResult {
        if let holder = state.packages.lockHolder {
            return .complaint(
                "dpkg",
                "error: dpkg frontend lock was locked by another process with pid \(holder.pid)",
                exitCode: 2
            )
        }
        var transcript = Transcript()
        for package in state.packages.packages.values.sorted(by: { $0.name < $1.name }) where package.isHalfDone {
            guard package.state != .halfInstalled else {
                transcript.complain(
                    "dpkg: error processing package \(package.name) (--configure):\n package is in a very bad "
                        + "inconsistent state; you should\n reinstall it before attempting configuration"
                )
                continue
            }
            try await spend(.seconds(2))
            transcript.print("Setting up \(package.name) (\(package.version)) ...")
            state.packages[package.name]?.state = .installed
        }
        return transcript.result
    }
}

extension [String] {
    /// The first word, taken away; nil when there is none.
    mutating func popFirstWord() -> String? { isEmpty ? nil : removeFirst() }
}
