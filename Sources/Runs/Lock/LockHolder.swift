import Crypto
import Foundation

/// Who holds a run's lock: an operator's process, told apart from every other.
package struct LockHolder: Sendable, Hashable {
    /// `user@host`.
    package var operatorName: String
    package var pid: Int32
    /// Clock ticks after boot at which the process started (`/proc/PID/stat`, field 22): tells it from a later one of
    /// the same number.
    package var start: UInt64
    /// Eight hexadecimal digits of this boot of this machine and its PID namespace: only there does a PID mean anything.
    package var place: String

    package init(operatorName: String, pid: Int32, start: UInt64, place: String) {
        self.operatorName = operatorName
        self.pid = pid
        self.start = start
        self.place = place
    }

    /// This very process.
    package static func current() -> LockHolder {
        let pid = ProcessInfo.processInfo.processIdentifier
        let user = ProcessInfo.processInfo.userName
        let host = (try? String(contentsOfFile: "/proc/sys/kernel/hostname", encoding: .utf8))?
            .trimmingCharacters(in: .whitespacesAndNewlines)
        return LockHolder(
            operatorName: "\(user.isEmpty ? "unknown" : user)@\(host ?? ProcessInfo.processInfo.hostName)",
            pid: pid,
            start: startTicks(of: pid) ?? 0,
            place: currentPlace()
        )
    }

    /// What stands in `spec.holderIdentity`.
    package var identity: String { "\(operatorName)/\(pid)/\(start)/\(place)" }

    /// Reads ``identity``; a text of another shape is an operator we know nothing more of.
    package init(parsing identity: String) {
        let parts = identity.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count >= 4, let pid = Int32(parts[parts.count - 3]), let start = UInt64(parts[parts.count - 2]) {
            self.init(
                operatorName: parts.dropLast(3).joined(separator: "/"),
                pid: pid,
                start: start,
                place: String(parts[parts.count - 1])
            )
        } else {
            self.init(operatorName: identity, pid: 0, start: 0, place: "")
        }
    }

    /// True when the holder can be seen from here to have ended; false when it runs, or is out of sight.
    package func isKnownDead(
        from place: String = LockHolder.currentPlace(),
        startTicks: (Int32) -> UInt64? = LockHolder.startTicks(of:)
    ) -> Bool {
        guard pid > 0, !place.isEmpty, self.place == place else { return false }
        return startTicks(pid) != start
    }

    /// Nil for a process that is gone, and for one that has ended and only waits to be reaped.
    package static func startTicks(of pid: Int32) -> UInt64? {
        guard pid > 0, let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let name = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: name)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }

    package static func currentPlace() -> String {
        guard let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8),
            let namespace = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
        else { return "" }
        let digest = SHA256.hash(data: Data((boot + namespace).utf8))
        return digest.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension LockHolder: CustomStringConvertible {
    package var description: String { pid > 0 ? "\(operatorName) (process \(pid))" : operatorName }
}
