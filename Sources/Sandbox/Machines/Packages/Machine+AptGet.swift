import KubernetesVersions
import Nodes

/// apt-get: what changes packages, and takes its time.
extension Machine {
    func aptGet(_ call: Invocation) async throws -> CommandResult {
        let arguments: AptArguments
        do throws(AptArguments.Misuse) { arguments = try AptArguments(call.arguments) } catch { return error.result }
        switch arguments.operation {
        case "update": return try await aptUpdate(arguments)
        case "install": return try await aptInstall(arguments, call)
        case "clean": return .out("")
        case "": return .complaint("E", "Invalid operation", exitCode: 100)
        default: return .complaint("E", "Invalid operation \(arguments.operation)", exitCode: 100)
        }
    }

    /// A package and the version it is to have.
    private struct Change {
        var name: String
        var old: String?
        var new: String

        var isDowngrade: Bool { old.map { DebianVersion(new) < DebianVersion($0) } ?? false }
    }

    private func aptInstall(_ arguments: AptArguments, _ call: Invocation) async throws -> CommandResult {
        if let refusal = try await takeLock(arguments, call) { return refusal }
        defer { if state.packages.lockHolder?.pid == call.pid { state.packages.lockHolder = nil } }
        if state.packages.isInterrupted {
            return .complaint(
                "E",
                "dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem. ",
                exitCode: 100
            )
        }
        var transcript = Transcript()
        for line in ["Reading package lists...", "Building dependency tree...", "Reading state information..."] {
            transcript.print(line)
        }
        guard var changes = chosen(arguments, &transcript) else { return transcript.result }
        guard addNeeded(&changes, arguments, &transcript) else { return transcript.result }
        announce(changes, &transcript)
        let held = changes.filter { state.packages[$0.name]?.isHeld ?? false }
        if arguments.flags.contains("simulate") {
            for change in changes {
                transcript.print(
                    "Inst \(change.name) \(change.old.map { "[\($0)] " } ?? "")(\(change.new) isv:kubernetes [amd64])"
                )
            }
            for change in changes { transcript.print("Conf \(change.name) (\(change.new) isv:kubernetes [amd64])") }
            return transcript.result
        }
        if changes.isEmpty { return transcript.result }
        if arguments.flags.contains("yes") {
            if !held.isEmpty, !arguments.flags.contains("allow-change-held-packages") {
                transcript.complain(
                    "E: Held packages were changed and -y was used without --allow-change-held-packages.",
                    exitCode: 100
                )
            }
            if changes.contains(where: \.isDowngrade), !arguments.flags.contains("allow-downgrades") {
                transcript.complain(
                    "E: Packages were downgraded and -y was used without --allow-downgrades.",
                    exitCode: 100
                )
            }
            if transcript.exitCode != 0 { return transcript.result }
        } else {
            transcript.print("Do you want to continue? [Y/n] ")
            let answer = String(decoding: call.input, as: UTF8.self).lowercased()
            guard answer == "\n" || answer.hasPrefix("y") else {
                transcript.print("Abort.")
                transcript.exitCode = 1
                return transcript.result
            }
        }
        try await apply(changes, &transcript)
        return transcript.result
    }

    /// Waits for dpkg's lock as long as `DPkg::Lock::Timeout` says; a refusal when it stays taken.
    private func takeLock(_ arguments: AptArguments, _ call: Invocation) async throws -> CommandResult? {
        var patience = Double(arguments.setting("DPkg::Lock::Timeout") ?? "0") ?? 0
        while let holder = state.packages.lockHolder {
            guard patience > 0 else {
                let lock = "/var/lib/dpkg/lock-frontend"
                return CommandResult(
                    exitCode: 100,
                    output: "",
                    errorOutput: "E: Could not get lock \(lock). It is held by process \(holder.pid) (\(holder.name))\n"
                        + "E: Unable to acquire the dpkg frontend lock (\(lock)), is another process using it?\n"
                )
            }
            patience -= 1
            try await spend(.seconds(1))
        }
        state.packages.lockHolder = (call.pid, call.program)
        return nil
    }

    /// What is asked for by name, `name=version` or `name=pattern`; nil after an error.
    private func chosen(_ arguments: AptArguments, _ transcript: inout Transcript) -> [Change]? {
        let offers = arguments.offers(state)
        var changes: [Change] = []
        for operand in arguments.operands {
            let halves = operand.split(separator: "=", maxSplits: 1).map(String.init)
            let name = halves[0]
            let installed = state.packages.isUnpacked(name) ? state.packages[name]?.version : nil
            let versions =
                offers.filter { $0.offer.package == name }.map(\.offer.version) + [installed].compactMap { $0 }
            guard !versions.isEmpty else {
                transcript.complain("E: Unable to locate package \(name)", exitCode: 100)
                continue
            }
            let wanted: String?
            if halves.count == 2 {
                wanted = versions.filter { Glob.matches(halves[1], $0) }.max { DebianVersion($0) < DebianVersion($1) }
                if wanted == nil {
                    transcript.complain("E: Version '\(halves[1])' for '\(name)' was not found", exitCode: 100)
                    continue
                }
            } else {
                wanted = versions.max { DebianVersion($0) < DebianVersion($1) }
            }
            guard let wanted else { continue }
            if wanted == installed {
                transcript.print("\(name) is already the newest version (\(wanted)).")
            } else {
                changes.append(Change(name: name, old: installed, new: wanted))
            }
        }
        return transcript.exitCode == 0 ? changes : nil
    }

    /// Adds what the chosen packages need in a newer version than is there; false after an error.
    private func addNeeded(
        _ changes: inout [Change],
        _ arguments: AptArguments,
        _ transcript: inout Transcript
    ) -> Bool {
        let offers = arguments.offers(state)
        var index = 0
        while index < changes.count {
            for need in PackageRepositories.needs(changes[index].name, changes[index].new) {
                let coming = changes.first { $0.name == need.name }?.new
                let present =
                    coming ?? (state.packages.isUnpacked(need.name) ? state.packages[need.name]?.version : nil)
                if let present, need.lowest.map({ DebianVersion(present) >= DebianVersion($0) }) ?? true { continue }
                let candidate = offers.first { $0.offer.package == need.name }?.offer.version
                guard let candidate, coming == nil,
                    need.lowest.map({ DebianVersion(candidate) >= DebianVersion($0) }) ?? true
                else {
                    transcript.print("Some packages could not be installed. This may mean that you have")
                    transcript.print("requested an impossible situation.")
                    transcript.complain("E: Unable to correct problems, you have held broken packages.", exitCode: 100)
                    return false
                }
                changes.append(Change(name: need.name, old: present, new: candidate))
            }
            index += 1
        }
        return true
    }

    private func announce(_ changes: [Change], _ transcript: inout Transcript) {
        func list(_ title: String, _ chosen: [Change]) {
            guard !chosen.isEmpty else { return }
            transcript.print(title)
            transcript.print("  " + chosen.map(\.name).sorted().joined(separator: " "))
        }
        let new = changes.filter { $0.old == nil }
        let lower = changes.filter(\.isDowngrade)
        let higher = changes.filter { $0.old != nil && !$0.isDowngrade }
        list("The following NEW packages will be installed:", new)
        list(
            "The following held packages will be changed:",
            changes.filter { state.packages[$0.name]?.isHeld ?? false }
        )
        list("The following packages will be upgraded:", higher)
        list("The following packages will be DOWNGRADED:", lower)
        let downgraded = lower.isEmpty ? "" : "\(lower.count) downgraded, "
        transcript.print(
            "\(higher.count) upgraded, \(new.count) newly installed, \(downgraded)0 to remove and 0 not upgraded."
        )
    }

    /// Unpacks, then configures: in between dpkg's state is `iU`, and the new binaries lie beside a running old
    /// process. apt lifts the hold of what it changes (tried with apt 2.6).
    private func apply(_ changes: [Change], _ transcript: inout Transcript) async throws {
        try await spend(.seconds(5))
        for change in changes {
            let over = change.old.map { " over (\($0))" } ?? ""
            transcript.print("Unpacking \(change.name) (\(change.new))\(over) ...")
            state.packages[change.name] = PackageStatus(name: change.name, version: change.new, state: .unpacked)
            unpacked(change.name)
        }
        settle()
        try await spend(.seconds(5))
        for change in changes {
            transcript.print("Setting up \(change.name) (\(change.new)) ...")
            state.packages[change.name]?.state = .installed
        }
    }

    /// The kubelet's package brings its unit file; it restarts nothing.
    private func unpacked(_ name: String) {
        if name == "kubelet" { state.services["kubelet"]?.needsDaemonReload = true }
    }
}
