import Foundation
import KubernetesModel
import Nodes
import Runs
import Settings
import Upgrades

extension UpgradeStatus {
    func lines(at now: Date) -> [String] {
        var lines = ["\(title): run \(run), \(isInterrupted ? "interrupted" : state.rawValue)", "  by \(who)"]
        if let holder { lines.append("  at work now: \(holder)") }
        if let pause { lines.append("  paused: \(pause)") }
        if isInterrupted || pause != nil { lines.append("  continue with `keelstep resume`") }
        if !cordoned.isEmpty { lines.append("  cordoned by it: \(cordoned.joined(separator: ", "))") }
        if let view { lines += view.lines(at: now).map { "  \($0)" } }
        return lines
    }

    var value: JSONValue {
        var value: JSONValue = [
            "run": .string(run), "state": .string(isInterrupted ? "interrupted" : state.rawValue),
            "title": .string(title), "who": .string(who), "startedAt": .string(startedAt),
            "cordoned": JSONValue(cordoned), "finishedHops": .array(finishedHops.map { .integer(Int64($0)) }),
        ]
        if let pause { value["pause"] = .string(pause) }
        if let holder { value["holder"] = .string("\(holder)") }
        if let view {
            value["steps"] = ["done": .integer(Int64(view.doneSteps)), "total": .integer(Int64(view.totalSteps))]
        }
        return value
    }
}

extension UpgradeRun.Options {
    /// For commands that only look.
    static func looking(_ settings: Settings) -> Self {
        UpgradeRun.Options(
            stateDirectory: settings.stateDir,
            backupDirectory: settings.backupDir,
            toolVersion: Keelstep.version,
            transport: { node in throw NoWayToNode.notSaid(node: node) }
        )
    }
}
