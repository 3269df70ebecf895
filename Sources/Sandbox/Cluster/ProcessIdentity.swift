import Foundation
import SystemPackage

/// A process that cannot be mistaken for a later one with the same number: its id and its start time.
package struct ProcessIdentity: Sendable, Hashable, Codable {
    package let pid: Int32
    /// Field 22 of `/proc/PID/stat` (proc(5)): clock ticks after boot.
    package let startTicks: UInt64

    /// The process of this number, if it runs.
    package init?(pid: Int32) {
        guard let ticks = Self.startTicks(of: pid) else { return nil }
        self.pid = pid
        startTicks = ticks
    }

    package static func current() -> ProcessIdentity? {
        ProcessIdentity(pid: ProcessInfo.processInfo.processIdentifier)
    }

    package var isRunning: Bool { Self.startTicks(of: pid) == startTicks }

    /// Nil for a process that is gone, and for one that has ended and only waits to be reaped.
    private static func startTicks(of pid: Int32) -> UInt64? {
        guard pid > 0, let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let name = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: name)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }
}
