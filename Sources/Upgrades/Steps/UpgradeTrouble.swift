import Backups
import Draining
import Etcd
import Nodes
package import Runs

extension TroubleSorter {
    /// Knows the errors of nodes, of etcd, of drains and of backups besides the API's.
    package static let upgrades = TroubleSorter { error in
        switch error {
        case let error as NodeError: StepError(error)
        case let error as TransportError: StepError(error)
        case let error as EtcdError: StepError(error)
        case let error as DrainError: StepError(error)
        case let error as BackupError: StepError(error)
        case let error as UnfitMember: .transient("\(error)")
        default: nil
        }
    }
}

extension StepError {
    init(_ error: NodeError) {
        switch error {
        case .transport(let error): self.init(error)
        case .packagesLocked, .kubeadmRunning: self = .transient("\(error)")
        case .failed(let node, _, _, _):
            self = .failed("\(error)", remedy: "see to it on node \(node), then `keelstep resume`")
        case .kubeadm(let node, _, let failure):
            self =
                failure.isTransient
                ? .failed("\(error)", remedy: "see to the cause on node \(node), then `keelstep resume`")
                : .permanent("\(error)", remedy: "see to the cause on node \(node), then `keelstep resume`")
        case .packagesInterrupted, .notInstalled, .unreadable, .noRepository, .legacyRepository, .severalRepositories,
            .notOffered, .marked:
            self = .permanent("\(error)", remedy: "then `keelstep resume`")
        }
    }

    init(_ error: TransportError) {
        switch error {
        case .unreachable, .connectionLost, .cancelled, .interrupted: self = .transient("\(error)")
        case .notAdmitted: self = .permanent("\(error)", remedy: "then `keelstep resume`")
        case .refused(let node, _, _), .protocolViolation(let node, _):
            self = .failed("\(error)", remedy: "see how node \(node) is reached, then `keelstep resume`")
        }
    }

    init(_ error: EtcdError) {
        switch error {
        case .unreachable, .noAnswer, .noQuorum, .cancelled, .compacted, .futureRevision: self = .transient("\(error)")
        case .snapshotNotSaved(_, _, .diskFull):
            self = .permanent("\(error)", remedy: "make room, then `keelstep resume`")
        case .snapshotNotSaved, .refused, .fileNotRead, .damagedDatabase:
            self = .failed("\(error)", remedy: "see to etcd and to the backup folder, then `keelstep resume`")
        case .untrusted, .identityRefused, .unusableIdentity, .quotaExceeded:
            self = .permanent("\(error)", remedy: "then `keelstep resume`")
        }
    }

    init(_ error: DrainError) {
        switch error {
        case .refused(let node, _, let flags):
            self = .permanent(
                "\(error)",
                remedy: "move these pods, or begin anew with \(flags.joined(separator: " ")); node \(node) stays "
                    + "cordoned and as it was, `keelstep resume` goes on"
            )
        case .deadline(let node, _, _):
            self = .permanent(
                "\(error)",
                remedy: "node \(node) stays cordoned, nothing on it was changed; `keelstep resume` goes on, "
                    + "`keelstep uncordon \(node)` gives it back"
            )
        case .wouldBlock, .failed: self = .failed("\(error)", remedy: "remove the cause, then `keelstep resume`")
        case .notCordoned(let node): self = .failed("\(error)", remedy: "see who uncordons node \(node)")
        }
    }

    init(_ error: BackupError) {
        switch error {
        case .node(let error): self.init(error)
        case .noHealthyMember(let troubles):
            // Members come back by themselves, unless each has a reason that stays.
            let isLasting = troubles.values.allSatisfy { trouble in
                if case .permanent = TroubleSorter.upgrades(trouble) { true } else { false }
            }
            self = isLasting ? .permanent("\(error)", remedy: "then `keelstep resume`") : .transient("\(error)")
        case .noRoom, .cannotWrite, .missingFile:
            self = .permanent("\(error)", remedy: "then `keelstep resume`")
        case .cannotRead, .badIndex, .damaged:
            self = .permanent("\(error)", remedy: "move it aside, then `keelstep resume`")
        case .strangePath(let node, _):
            self = .permanent("\(error)", remedy: "see to node \(node), then `keelstep resume`")
        case .emptySet: self = .failed("\(error)", remedy: "then `keelstep resume`")
        }
    }
}
