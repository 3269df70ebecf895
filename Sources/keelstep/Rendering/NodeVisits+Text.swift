import Foundation
import KubernetesModel
import Nodes
import Settings
import Survey

extension NodeVisits.Outcome {
    /// A row for each node, as `keelstep nodes ping` shows them; then what is wrong, a line each.
    static func lines(_ outcomes: [NodeVisits.Outcome]) -> [String] {
        let header = ["NODE", "LATENCY", "USER", "SUDO", "OS", "ARCHITECTURE", "CLOCK OFFSET"]
        let rows = outcomes.map { outcome -> [String] in
            guard let ping = outcome.ping else { return [outcome.node.name, "unreachable", "-", "-", "-", "-", "-"] }
            return [
                outcome.node.name, ping.latencyText, ping.login.user, ping.login.sudo.rawValue, ping.facts.prettyName,
                ping.facts.machine, ping.offsetText,
            ]
        }
        let problems = outcomes.compactMap { outcome in outcome.problem.map { "\(outcome.node.name): \($0)" } }
        return TextTable.lines(header: header, rows: rows) + (problems.isEmpty ? [] : [""] + problems)
    }

    var value: JSONValue {
        var value: JSONValue = ["node": .string(node.name)]
        if let problem { value["problem"] = .string(problem) }
        guard let ping else { return value }
        value["latencySeconds"] = .number(ping.latency / .seconds(1))
        value["clockOffsetSeconds"] = .integer(Int64(ping.clockOffset / .seconds(1)))
        value["user"] = .string(ping.login.user)
        value["sudo"] = .string(ping.login.sudo.rawValue)
        value["os"] = .string(ping.facts.prettyName)
        value["architecture"] = .string(ping.facts.machine)
        value["kernel"] = .string(ping.facts.kernel)
        value["bootID"] = .string(ping.facts.bootID)
        return value
    }
}

extension NodePing {
    var latencyText: String { latency.formatted(.units(allowed: [.seconds, .milliseconds], width: .narrow)) }

    /// Seconds; less than two are within what reading it costs.
    var offsetText: String {
        let seconds = Int64(clockOffset / .seconds(1))
        if abs(seconds) < 2 { return "none" }
        return "\(seconds > 0 ? "+" : "-")\(abs(seconds))s"
    }
}
