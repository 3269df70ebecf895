import Foundation
import SystemPackage

/// Why a journal cannot be used.
package enum JournalError: Error {
    /// The state directory has no place for it.
    case noPlace(path: String, reason: String)
    case unreadable(path: String, reason: String)
    /// SQLite, or what stands in it, makes no sense.
    case corrupt(path: String, reason: String)
    case newerFormat(path: String)
    case notWritable(path: String, reason: String)
    /// The file system does not keep what SQLite commits.
    case notDurable(path: String, synchronous: Int)
    /// No run of that id; with nil, none at all.
    case noSuchRun(String?, known: [String])
}

extension JournalError {
    /// Nothing is wrong with the run or with what is in the journal: with room, it goes on.
    package var isLackOfRoom: Bool { if case .notWritable = self { true } else { false } }
}

extension JournalError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noPlace(let path, let reason):
            "there is no place for the journal \(path): \(reason); name another stateDir in keelstep.yaml"
        case .unreadable(let path, let reason):
            "cannot open the journal \(path): \(reason); see what is there, or name another stateDir in keelstep.yaml"
        case .corrupt(let path, let reason):
            "the journal \(path) is damaged: \(reason); move it aside and run `keelstep resume`: the run is then "
                + "taken up from the cluster's own record, by probing"
        case .newerFormat(let path): "the journal \(path) was written by a newer keelstep; use that one"
        case .notWritable(let path, let reason):
            "cannot write the journal \(path): \(reason); nothing further was done, make room and `keelstep resume`"
        case .notDurable(let path, let synchronous):
            "the journal \(path) would not survive a power failure (synchronous = \(synchronous), 2 is needed)"
        case .noSuchRun(nil, _):
            "no run was ever begun on this cluster from this machine; `keelstep upgrade` begins one"
        case .noSuchRun(let run?, let known):
            "there is no run '\(run)' in the journal; "
                + (known.isEmpty ? "it holds none" : "it holds \(known.joined(separator: ", "))")
        }
    }
}

extension Error {
    /// What the system said, out of Foundation's wrapping.
    var systemReason: String {
        if let errno = self as? Errno { return errno.description.lowercased() }
        let cause = ((self as NSError).userInfo[NSUnderlyingErrorKey] as? any Error).map { $0 as NSError }
        guard let cause, cause.domain == NSPOSIXErrorDomain else { return localizedDescription }
        return Errno(rawValue: Int32(cause.code)).description.lowercased()
    }
}
