/// Services of a node.
package struct Systemd: Sendable {
    package let node: RemoteNode

    package init(_ node: RemoteNode) { self.node = node }

    package static let reloadCommand = Command("systemctl", "daemon-reload")
    package static func restartCommand(_ unit: String) -> Command { Command("systemctl", "restart", unit) }
    package static func stopCommand(_ unit: String) -> Command { Command("systemctl", "stop", unit) }
    package static func startCommand(_ unit: String) -> Command { Command("systemctl", "start", unit) }

    /// The properties asked of a unit.
    package static let properties = [
        "ActiveState", "SubState", "NRestarts", "MainPID", "NeedDaemonReload", "ActiveEnterTimestamp", "FragmentPath",
        "DropInPaths",
    ]

    package static func showCommand(_ unit: String) -> Command {
        Command(
            "systemctl",
            "show",
            unit,
            "-p",
            properties.joined(separator: ","),
            environment: ["LC_ALL": "C"],
            isReadOnly: true
        )
    }

    package struct Unit: Sendable, Hashable {
        /// `active`, `inactive`, `failed`, `activating`.
        package var activeState: String
        package var subState: String
        package var restarts: Int
        package var mainPID: Int
        package var needsDaemonReload: Bool
        package var properties: [String: String]

        package var isActive: Bool { activeState == "active" }

        /// Reads `KEY=value` lines; what is absent reads as empty, no and zero.
        package init(_ text: String) {
            properties = [:]
            for line in text.split(whereSeparator: \.isNewline) {
                guard let mark = line.firstIndex(of: "=") else { continue }
                properties[String(line[..<mark])] = String(line[line.index(after: mark)...])
            }
            activeState = properties["ActiveState"] ?? ""
            subState = properties["SubState"] ?? ""
            restarts = properties["NRestarts"].flatMap { Int($0) } ?? 0
            mainPID = properties["MainPID"].flatMap { Int($0) } ?? 0
            needsDaemonReload = properties["NeedDaemonReload"] == "yes"
        }
    }

    package func reload() async throws(NodeError) { try await node.require(Self.reloadCommand) }
    package func restart(_ unit: String) async throws(NodeError) { try await node.require(Self.restartCommand(unit)) }
    package func show(_ unit: String) async throws(NodeError) -> Unit {
        Unit(try await node.require(Self.showCommand(unit)).text)
    }

    package func isActive(_ unit: String) async throws(NodeError) -> Bool {
        try await node.run(Command("systemctl", "is-active", unit, isReadOnly: true)).text.hasPrefix("active")
    }
}
