import Foundation
import KubernetesModel
import Nodes

/// systemctl, as far as a node's services go.
extension Machine {
    func systemctl(_ call: Invocation) async throws -> CommandResult {
        let table = OptionTable(
            "systemctl",
            flags: "qal",
            values: "pPn",
            words: [
                "property": ("p", .value), "value": ("value", .flag), "no-pager": ("no-pager", .flag),
                "quiet": ("q", .flag), "now": ("now", .flag), "lines": ("n", .value), "no-block": ("no-block", .flag),
            ]
        )
        let parsed: OptionTable.Parsed
        do throws(OptionTable.Misuse) { parsed = try table.parse(call.arguments) } catch { return error.result }
        var operands = parsed.operands
        guard let verb = operands.popFirstWord() else {
            return .complaint("systemctl", "listing all units is not known here")
        }
        if verb == "daemon-reload" {
            guard operands.isEmpty else {
                return CommandResult(exitCode: 1, output: "", errorOutput: "Too many arguments.\n")
            }
            try await spend(.milliseconds(500))
            for name in state.services.keys { state.services[name]?.needsDaemonReload = false }
            return .out("")
        }
        let units = operands.map { $0.hasSuffix(".service") ? String($0.dropLast(8)) : $0 }
        guard !units.isEmpty else { return CommandResult(exitCode: 1, output: "", errorOutput: "Too few arguments.\n") }
        switch verb {
        case "restart", "start", "stop", "try-restart", "reload-or-restart":
            return try await change(verb == "try-restart" || verb == "reload-or-restart" ? "restart" : verb, units)
        case "is-active", "is-enabled", "is-failed": return ask(verb, units, isQuiet: parsed.has("q"))
        case "show": return show(units, parsed)
        case "status": return status(units)
        case "reset-failed": return .out("")
        case "enable", "disable":
            for unit in units {
                guard state.services[unit] != nil else {
                    return CommandResult(
                        exitCode: 1,
                        output: "",
                        errorOutput: "Failed to \(verb) unit: Unit file \(unit).service does not exist.\n"
                    )
                }
                state.services[unit]?.isEnabled = verb == "enable"
            }
            return parsed.has("now") ? try await change(verb == "enable" ? "start" : "stop", units) : .out("")
        default:
            return CommandResult(exitCode: 1, output: "", errorOutput: "Unknown command verb '\(verb)'.\n")
        }
    }

    private func change(_ verb: String, _ units: [String]) async throws -> CommandResult {
        var transcript = Transcript()
        for unit in units {
            guard let service = state.services[unit] else {
                transcript.complain("Failed to \(verb) \(unit).service: Unit \(unit).service not found.", exitCode: 5)
                continue
            }
            if service.needsDaemonReload {
                transcript.warn(
                    "Warning: The unit file, source configuration file or drop-ins of \(unit).service changed on disk. "
                        + "Run 'systemctl daemon-reload' to reload units."
                )
            }
            if verb == "start", service.activity == .active { continue }
            if verb != "start" { stop(unit) }
            settle()
            try await spend(.seconds(1))
            if verb != "stop" { start(unit) }
            settle()
        }
        return transcript.result
    }

    private func stop(_ unit: String) {
        state.services[unit]?.activity = .inactive
        state.services[unit]?.runningVersion = nil
        state.services[unit]?.mainPID = 0
    }

    private func start(_ unit: String) {
        guard unit != "kubelet" else {
            state.services[unit]?.automaticRestarts = 0
            return state.startKubelet(now: now())
        }
        state.services[unit]?.activity = .active
        state.services[unit]?.starts += 1
        state.services[unit]?.mainPID = state.newPID()
        state.services[unit]?.activeSince = now()
    }

    private func ask(_ verb: String, _ units: [String], isQuiet: Bool) -> CommandResult {
        var transcript = Transcript()
        var holds = false
        for unit in units {
            let service = state.services[unit]
            switch verb {
            case "is-active":
                let word = service?.activeState ?? "inactive"
                holds = holds || word == "active"
                if !isQuiet { transcript.print(word) }
            case "is-failed":
                if !isQuiet { transcript.print(service?.activeState ?? "inactive") }
            default:
                guard let service else {
                    transcript.warn("Failed to get unit file state for \(unit).service: No such file or directory")
                    continue
                }
                holds = holds || service.isEnabled
                if !isQuiet { transcript.print(service.isEnabled ? "enabled" : "disabled") }
            }
        }
        if !holds { transcript.exitCode = verb == "is-active" ? 3 : 1 }
        return transcript.result
    }

    private func show(_ units: [String], _ parsed: OptionTable.Parsed) -> CommandResult {
        let asked = (parsed.values("p") + parsed.values("P")).flatMap { $0.split(separator: ",").map(String.init) }
        let isBare = parsed.has("value") || parsed.has("P")
        var transcript = Transcript()
        for (index, unit) in units.enumerated() {
            if index > 0 { transcript.print("") }
            for (key, value) in properties(unit) where asked.isEmpty || asked.contains(key) {
                transcript.print(isBare ? value : "\(key)=\(value)")
            }
        }
        return transcript.result
    }

    /// In systemd's own order, which is not that of the question.
    private func properties(_ unit: String) -> [(String, String)] {
        guard let service = state.services[unit] else {
            return [
                ("MainPID", "0"), ("NRestarts", "0"), ("Id", "\(unit).service"), ("LoadState", "not-found"),
                ("ActiveState", "inactive"), ("SubState", "dead"), ("FragmentPath", ""), ("DropInPaths", ""),
                ("ActiveEnterTimestamp", ""), ("NeedDaemonReload", "no"),
            ]
        }
        return [
            ("MainPID", "\(service.mainPID)"), ("NRestarts", "\(service.automaticRestarts)"),
            ("Id", "\(unit).service"), ("Description", service.description), ("LoadState", "loaded"),
            ("ActiveState", service.activeState), ("SubState", service.subState),
            ("FragmentPath", service.fragmentPath), ("DropInPaths", service.dropInPaths),
            ("UnitFileState", service.isEnabled ? "enabled" : "disabled"),
            ("ActiveEnterTimestamp", service.activity == .active ? Self.stamp(service.activeSince) : ""),
            ("NeedDaemonReload", service.needsDaemonReload ? "yes" : "no"),
        ]
    }

    /// `Sat 2024-11-23 22:18:01 UTC`
    static func stamp(_ date: Date) -> String {
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let day = Int((date.timeIntervalSince1970 / 86400).rounded(.down))
        let text = Timestamp.string(from: date).replacing("T", with: " ").replacing("Z", with: " UTC")
        return "\(days[((day % 7) + 7) % 7]) \(text)"
    }

    private func status(_ units: [String]) -> CommandResult {
        var transcript = Transcript()
        for unit in units {
            guard let service = state.services[unit] else {
                transcript.complain("Unit \(unit).service could not be found.", exitCode: 4)
                continue
            }
            transcript.print("● \(unit).service - \(service.description)")
            transcript.print(
                "     Loaded: loaded (\(service.fragmentPath); \(service.isEnabled ? "enabled" : "disabled"))"
            )
            transcript.print(
                "     Active: \(service.activeState) (\(service.subState)) since \(Self.stamp(service.activeSince))"
            )
            if service.mainPID > 0 { transcript.print("   Main PID: \(service.mainPID) (\(unit))") }
            if case .failing(let reason) = service.activity { transcript.print("             \(reason)") }
            if service.activity != .active { transcript.exitCode = 3 }
        }
        return transcript.result
    }
}
