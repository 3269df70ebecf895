import Foundation
import KubernetesModel
import Nodes

/// Programs that tell what the machine is.
extension Programs {
    static func df(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let parsed = try OptionTable("df", flags: "Pkh", words: ["portability": ("P", .flag)]).parse(call.arguments)
        var transcript = Transcript()
        let disk = state.disk
        let free = max(0, disk.totalKiB - disk.usedKiB)
        let percent = disk.totalKiB > 0 ? (disk.usedKiB * 100 + disk.totalKiB - 1) / disk.totalKiB : 100
        transcript.print("Filesystem     1024-blocks      Used Available Capacity Mounted on")
        for path in parsed.operands.isEmpty ? ["/"] : parsed.operands {
            if state.files.exists(path) {
                transcript.print("/dev/vda1         \(disk.totalKiB) \(disk.usedKiB) \(free)      \(percent)% /")
            } else {
                transcript.complain("df: \(path): \(FileError.notFound.rawValue)")
            }
        }
        return transcript.result
    }

    static func uname(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let parsed = try OptionTable("uname", flags: "asnrvmo").parse(call.arguments)
        let version = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)"
        let fields = [
            ("s", "Linux"), ("n", state.hostname), ("r", NodeLayout.kernel), ("v", version), ("m", "x86_64"),
            ("o", "GNU/Linux"),
        ]
        let chosen = fields.filter { parsed.has($0.0) || parsed.has("a") }
        return .out((chosen.isEmpty ? ["Linux"] : chosen.map(\.1)).joined(separator: " ") + "\n")
    }

    static func date(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let parsed = try OptionTable("date", flags: "u", words: ["utc": ("u", .flag)]).parse(call.arguments)
        let format = parsed.operands.first ?? "+%Y-%m-%dT%H:%M:%S+00:00"
        guard format.hasPrefix("+") else { return .complaint("date", "invalid date ‘\(format)’") }
        let stamp = Timestamp.microString(from: call.now)  // 2024-11-23T22:18:01.123456Z
        let parts = stamp.split { "-T:.Z".contains($0) }.map(String.init)
        guard parts.count == 7 else { return .complaint("date", "invalid date ‘\(stamp)’") }
        var text = ""
        var rest = format.dropFirst()
        while let character = rest.popFirst() {
            guard character == "%", let letter = rest.popFirst() else {
                text.append(character)
                continue
            }
            switch letter {
            case "s": text += "\(Int(call.now.timeIntervalSince1970.rounded(.down)))"
            case "Y": text += parts[0]
            case "m": text += parts[1]
            case "d": text += parts[2]
            case "H": text += parts[3]
            case "M": text += parts[4]
            case "S": text += parts[5]
            case "N": text += parts[6] + "000"
            case "F": text += parts[0...2].joined(separator: "-")
            case "T": text += parts[3...5].joined(separator: ":")
            case "z": text += "+0000"
            case "Z": text += "UTC"
            case "%": text += "%"
            default: text += "%\(letter)"
            }
        }
        return .out(text + "\n")
    }

    static func hostname(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let parsed = try OptionTable("hostname", flags: "sf").parse(call.arguments)
        guard parsed.operands.isEmpty else { return .complaint("hostname", "you must be root to change the host name") }
        return .out(state.hostname + "\n")
    }

    static func id(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let parsed = try OptionTable("id", flags: "ugn").parse(call.arguments)
        if parsed.has("u") || parsed.has("g") { return .out(parsed.has("n") ? "root\n" : "0\n") }
        return .out("uid=0(root) gid=0(root) groups=0(root)\n")
    }

    static func whoami(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        _ = try OptionTable("whoami").parse(call.arguments)
        return .out("root\n")
    }

    static func pgrep(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let table = OptionTable(
            "pgrep",
            flags: "xlafcno",
            words: ["exact": ("x", .flag), "list-full": ("a", .flag), "full": ("f", .flag)],
            usageExitCode: 2
        )
        let parsed = try table.parse(call.arguments)
        guard let pattern = parsed.operands.first else { throw table.misuse("no matching criteria specified") }
        guard let regex = try? Regex(pattern) else { throw table.misuse("invalid pattern") }
        let matches = state.processes.filter { process in
            guard process.pid != call.pid else { return false }
            let text = parsed.has("f") ? process.arguments.joined(separator: " ") : process.name
            return parsed.has("x") ? text.wholeMatch(of: regex) != nil : text.contains(regex)
        }
        if parsed.has("c") {
            return CommandResult(exitCode: matches.isEmpty ? 1 : 0, output: "\(matches.count)\n")
        }
        var transcript = Transcript()
        transcript.exitCode = matches.isEmpty ? 1 : 0
        for process in matches {
            let detail =
                parsed.has("a")
                ? " \(process.arguments.joined(separator: " "))" : parsed.has("l") ? " \(process.name)" : ""
            transcript.print("\(process.pid)\(detail)")
        }
        return transcript.result
    }

    static func sync(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let table = OptionTable("sync", flags: "df", words: ["data": ("d", .flag), "file-system": ("f", .flag)])
        let parsed = try table.parse(call.arguments)
        var transcript = Transcript()
        for path in parsed.operands where !state.files.exists(path) {
            transcript.complain("sync: error opening '\(path)': \(FileError.notFound.rawValue)")
        }
        return transcript.result
    }

    static func echo(_ call: Invocation, _ state: inout MachineState) -> CommandResult {
        let isOpen = call.arguments.first == "-n"
        return .out(call.arguments.dropFirst(isOpen ? 1 : 0).joined(separator: " ") + (isOpen ? "" : "\n"))
    }

    static func kubelet(_ call: Invocation, _ state: inout MachineState) -> CommandResult {
        guard let version = state.programVersion("kubelet") else { return notFound("kubelet") }
        guard call.arguments == ["--version"] else {
            return CommandResult(
                exitCode: 1,
                output: "",
                errorOutput: "E run.go:74] \"command failed\" err=\"failed to parse kubelet flag: unknown flag: "
                    + "\(call.arguments.first ?? "")\"\n"
            )
        }
        return .out("Kubernetes \(version)\n")
    }

    static func kubectl(_ call: Invocation, _ state: inout MachineState) -> CommandResult {
        guard let version = state.programVersion("kubectl") else { return notFound("kubectl") }
        var words = call.arguments
        guard words.first == "version", words.contains("--client") || words.contains("--client=true") else {
            return CommandResult(
                exitCode: 1,
                output: "",
                errorOutput: "The connection to the server localhost:8080 was refused - did you specify the right "
                    + "host or port?\n"
            )
        }
        words.removeAll { ["version", "--client", "--client=true"].contains($0) }
        switch words {
        case []: return .out("Client Version: \(version)\nKustomize Version: v5.4.2\n")
        case ["-o", "json"], ["-ojson"], ["--output=json"], ["-o=json"], ["--output", "json"]:
            let value: JSONValue = [
                "clientVersion": VersionInfo.value(version), "kustomizeVersion": "v5.4.2",
            ]
            return .out(value.prettyText + "\n")
        default:
            return CommandResult(exitCode: 1, output: "", errorOutput: "error: unknown flag: \(words[0])\n")
        }
    }

    static func containerd(_ call: Invocation, _ state: inout MachineState) -> CommandResult {
        guard call.arguments == ["--version"] || call.arguments == ["-v"] else {
            return .complaint("containerd", "flag provided but not defined: \(call.arguments.first ?? "")")
        }
        return .out(
            "containerd containerd.io \(NodeLayout.containerdVersion) 88bf19b2105c8b17560993bee28a01ddc2f97182\n"
        )
    }
}
