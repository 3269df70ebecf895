import Nodes

/// apt-get update: reads what the repositories offer now.
extension Machine {
    func aptUpdate(_ arguments: AptArguments) async throws -> CommandResult {
        let folder = arguments.listsFolder
        guard state.files.isFolder("\(folder)/partial") else {
            return .complaint(
                "E",
                "List directory \(folder)/partial is missing. - Acquire (2: No such file or directory)",
                exitCode: 100
            )
        }
        try await spend(.seconds(3))
        var transcript = Transcript()
        let entries = arguments.entries(state)
        let isStrict = arguments.setting("APT::Update::Error-Mode") == "any"
        var hasMissed = false
        for (index, entry) in entries.enumerated() {
            let path = AptLists.path(in: folder, of: entry.address)
            do throws(PackageRepositories.Failure) {
                let offers = try surroundings.repositories.offers(at: entry.address)
                guard isSigned(entry, &transcript) else { continue }
                transcript.print("Get:\(index + 1) \(entry.shown)  InRelease")
                try? state.files.write(path, Array(AptLists.text(offers).utf8), now: now())
            } catch .unknownHost(let host) {
                hasMissed = true
                transcript.print("Err:\(index + 1) \(entry.shown)  InRelease")
                let text = "Failed to fetch \(entry.address)InRelease  Could not resolve '\(host)'"
                if isStrict { transcript.complain("E: \(text)", exitCode: 100) } else { transcript.warn("W: \(text)") }
            } catch {
                transcript.print("Err:\(index + 1) \(entry.shown)  InRelease")
                transcript.complain(
                    "E: Failed to fetch \(entry.address)InRelease  403  Forbidden [IP: 34.107.204.206 443]",
                    exitCode: 100
                )
                transcript.complain("E: The repository '\(entry.shown)  InRelease' is not signed.", exitCode: 100)
            }
        }
        if arguments.setting("APT::Get::List-Cleanup") != "0" { cleanLists(folder, entries) }
        if hasMissed {
            let text = "Some index files failed to download. They have been ignored, or old ones used instead."
            if isStrict { transcript.complain("E: \(text)", exitCode: 100) } else { transcript.warn("W: \(text)") }
        }
        transcript.print("Reading package lists...")
        return transcript.result
    }

    private func isSigned(_ entry: AptEntry, _ transcript: inout Transcript) -> Bool {
        guard let keyring = entry.keyring, !state.files.exists(keyring) else { return true }
        transcript.complain(
            "W: GPG error: \(entry.shown)  InRelease: The following signatures couldn't be verified because the public "
                + "key is not available: NO_PUBKEY 234654DA9A296436",
            exitCode: 100
        )
        transcript.complain("E: The repository '\(entry.shown)  InRelease' is not signed.", exitCode: 100)
        return false
    }

    /// Removes the lists of repositories that no source names any more.
    private func cleanLists(_ folder: String, _ entries: [AptEntry]) {
        let kept = Set(entries.map { AptLists.path(in: folder, of: $0.address) })
        for name in (try? state.files.list(folder)) ?? [] where name.hasSuffix("_Packages") {
            if !kept.contains("\(folder)/\(name)") { try? state.files.remove("\(folder)/\(name)") }
        }
    }
}
