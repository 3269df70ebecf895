import Nodes

/// dpkg-query, apt-mark and apt-cache: they look at what is known, or set a mark.
extension Programs {
    static func dpkgQuery(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let table = OptionTable(
            "dpkg-query",
            flags: "W",
            values: "f",
            words: ["show": ("W", .flag), "showformat": ("f", .value)],
            usageExitCode: 2
        )
        var arguments = call.arguments
        // dpkg-query writes -f=FORMAT where others write -fFORMAT.
        arguments = arguments.map { $0.hasPrefix("-f=") ? "-f" + $0.dropFirst(3) : $0 }
        let parsed = try table.parse(arguments)
        guard parsed.has("W") else { return .complaint("dpkg-query", "error: need an action option", exitCode: 2) }
        let format = parsed.value("f") ?? "${Package}\\t${Version}\\n"
        var transcript = Transcript()
        let names = parsed.operands.isEmpty ? state.packages.packages.keys.sorted() : parsed.operands
        for name in names {
            let found = state.packages.packages.values.filter { Glob.matches(name, $0.name) }.sorted {
                $0.name < $1.name
            }
            if found.isEmpty { transcript.complain("dpkg-query: no packages found matching \(name)") }
            for package in found { transcript.output += Array(expand(format, package).utf8) }
        }
        return transcript.result
    }

    private static func expand(_ format: String, _ package: PackageStatus) -> String {
        let words: [PackageStatus.State: String] = [
            .installed: "installed", .unpacked: "unpacked", .halfConfigured: "half-configured",
            .halfInstalled: "half-installed", .triggersAwaited: "triggers-awaited",
            .triggersPending: "triggers-pending", .configFiles: "config-files", .notInstalled: "not-installed",
        ]
        return [
            ("${Package}", package.name), ("${binary:Package}", package.name), ("${Version}", package.version),
            ("${db:Status-Abbrev}", package.abbreviation), ("${db:Status-Status}", words[package.state] ?? ""),
            ("${db:Status-Want}", package.isHeld ? "hold" : "install"), ("${Architecture}", "amd64"),
            ("${Status}", "\(package.isHeld ? "hold" : "install") ok \(words[package.state] ?? "")"),
            ("\\n", "\n"), ("\\t", "\t"),
        ]
        .reduce(format) { $0.replacing($1.0, with: $1.1) }
    }

    static func aptMark(_ call: Invocation, _ state: inout MachineState) -> CommandResult {
        let arguments: AptArguments
        do throws(AptArguments.Misuse) { arguments = try AptArguments(call.arguments) } catch { return error.result }
        switch arguments.operation {
        case "showhold":
            let holds = state.packages.holds.filter { arguments.operands.isEmpty || arguments.operands.contains($0) }
            return .out(holds.map { $0 + "\n" }.joined())
        case "hold", "unhold":
            return mark(arguments, isHeld: arguments.operation == "hold", &state)
        case "":
            return .complaint("E", "No packages found", exitCode: 100)
        default:
            return .complaint("E", "Invalid operation \(arguments.operation)", exitCode: 100)
        }
    }

    private static func mark(_ arguments: AptArguments, isHeld: Bool, _ state: inout MachineState) -> CommandResult {
        var transcript = Transcript()
        for name in arguments.operands where state.packages[name] == nil {
            transcript.complain("E: Unable to locate package \(name)", exitCode: 100)
        }
        if transcript.exitCode != 0 || arguments.operands.isEmpty {
            transcript.complain("E: No packages found", exitCode: 100)
            return transcript.result
        }
        for name in arguments.operands {
            let was = state.packages[name]?.isHeld ?? false
            state.packages[name]?.isHeld = isHeld
            switch (isHeld, was) {
            case (true, true): transcript.print("\(name) was already set on hold.")
            case (true, false): transcript.print("\(name) set on hold.")
            case (false, true): transcript.print("Canceled hold on \(name).")
            case (false, false): transcript.print("\(name) was already not on hold.")
            }
        }
        return transcript.result
    }

    static func aptCache(_ call: Invocation, _ state: inout MachineState) -> CommandResult {
        let arguments: AptArguments
        do throws(AptArguments.Misuse) { arguments = try AptArguments(call.arguments) } catch { return error.result }
        switch arguments.operation {
        case "madison": return madison(arguments, state)
        case "policy": return policy(arguments, state)
        default: return .complaint("E", "Invalid operation \(arguments.operation)", exitCode: 100)
        }
    }

    private static func madison(_ arguments: AptArguments, _ state: MachineState) -> CommandResult {
        var transcript = Transcript()
        let offers = arguments.offers(state)
        for name in arguments.operands {
            let found = offers.filter { $0.offer.package == name }
            if found.isEmpty, state.packages[name] == nil { transcript.warn("N: Unable to locate package \(name)") }
            for (offer, entry) in found {
                let version = String(repeating: " ", count: max(0, 10 - offer.version.count)) + offer.version
                transcript.print("   \(name) | \(version) | \(entry.shown) Packages")
            }
        }
        return transcript.result
    }

    private static func policy(_ arguments: AptArguments, _ state: MachineState) -> CommandResult {
        var transcript = Transcript()
        let offers = arguments.offers(state)
        for name in arguments.operands {
            let found = offers.filter { $0.offer.package == name }
            let installed = state.packages[name].flatMap { state.packages.isUnpacked(name) ? $0.version : nil }
            guard !found.isEmpty || installed != nil else {
                transcript.warn("N: Unable to locate package \(name)")
                continue
            }
            let candidate = ([installed] + found.map(\.offer.version)).compactMap { $0 }.map(DebianVersion.init).max()
            transcript.print("\(name):")
            transcript.print("  Installed: \(installed ?? "(none)")")
            transcript.print("  Candidate: \(candidate?.description ?? "(none)")")
            transcript.print("  Version table:")
            var versions = found.map(\.offer.version)
            if let installed, !versions.contains(installed) { versions.append(installed) }
            for version in versions.sorted(by: { DebianVersion($0) > DebianVersion($1) }) {
                transcript.print("\(version == installed ? " ***" : "    ") \(version) 500")
                for (offer, entry) in found where offer.version == version {
                    transcript.print("        500 \(entry.shown) Packages")
                }
                if version == installed { transcript.print("        100 /var/lib/dpkg/status") }
            }
        }
        return transcript.result
    }
}
