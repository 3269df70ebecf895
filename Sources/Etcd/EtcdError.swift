/// What went wrong between us and an etcd member. `member` is the name the caller gave the client, or its endpoint.
package enum EtcdError: Error, Hashable {
    /// No connection: nothing listens, the way there is cut, or it was lost during the call.
    case unreachable(member: String, reason: String)
    /// The member's certificate is not one we may trust.
    case untrusted(member: String, reason: String)
    /// The member does not accept our certificate.
    case identityRefused(member: String, reason: String)
    /// The PEM bytes we were given are no certificate, no key, or do not belong together.
    case unusableIdentity(member: String, reason: String)
    /// No answer in time. A write may or may not have happened.
    case noAnswer(member: String, call: String, within: Duration)
    /// The member is up, but its cluster has no quorum or no leader. A write may or may not have happened.
    case noQuorum(member: String, reason: String)
    case compacted(member: String)
    case futureRevision(member: String)
    /// The member's database has reached its quota (alarm NOSPACE).
    case quotaExceeded(member: String)
    /// The member answered with an error of its own: a gRPC code and its words.
    case refused(member: String, call: String, code: String, reason: String)
    case cancelled(member: String, call: String)
    /// The snapshot was not kept, nor any part of it.
    case snapshotNotSaved(member: String, file: String, SnapshotFault)
    /// A file cannot be opened or read.
    case fileNotRead(path: String, reason: String)
    /// A file is no etcd database, or not a whole one.
    case damagedDatabase(path: String, DatabaseDamage)
}

/// Why a snapshot was not kept.
package enum SnapshotFault: Error, Hashable {
    /// The file system of the folder is full, or a quota on it is reached.
    case diskFull(written: Int64, needed: Int64?)
    /// Another answer of the operating system.
    case fileSystem(operation: String, reason: String)
    /// The stream broke, with the reason.
    case connectionLost(received: Int64, reason: String)
    /// The member stopped sending, without ending the stream.
    case stalled(received: Int64, silence: Duration)
    /// The stream ended well, but is not whole: bytes received and announced.
    case incomplete(received: Int64, announced: Int64)
    /// What was received does not have the SHA-256 that the member sent with it.
    case hashMismatch(announced: String, computed: String)
    case cancelled
    /// The member would not begin: its error, in its words.
    case refused(String)
}

extension EtcdError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let member, let reason):
            "cannot reach etcd member \(member): \(reason); see whether its static pod runs on that node"
        case .untrusted(let member, let reason):
            "etcd member \(member) shows a certificate that cannot be trusted: \(reason); "
                + "compare it with the CA in /etc/kubernetes/pki/etcd/ca.crt of that node"
        case .identityRefused(let member, let reason):
            "etcd member \(member) does not accept our client certificate: \(reason); "
                + "it must be signed by that cluster's etcd CA and be valid now (`kubeadm certs check-expiration`)"
        case .unusableIdentity(let member, let reason):
            "the certificates for etcd member \(member) cannot be used: \(reason)"
        case .noAnswer(let member, let call, let limit):
            "etcd member \(member) did not answer \(call) within \(limit); it may be overloaded or without quorum"
        case .noQuorum(let member, let reason):
            "etcd member \(member) is up, but its cluster cannot decide (\(reason)); bring the other members back first"
        case .compacted(let member):
            "etcd member \(member) no longer has the revision asked for: it has been compacted"
        case .futureRevision(let member):
            "etcd member \(member) has not reached the revision asked for"
        case .quotaExceeded(let member):
            "the database of etcd member \(member) has reached its quota: compact and defragment it, "
                + "then disarm the alarm NOSPACE"
        case .refused(let member, let call, let code, let reason):
            "etcd member \(member) refused \(call): \(reason) (\(code))"
        case .cancelled(let member, let call):
            "stopped waiting for \(call) of etcd member \(member)"
        case .snapshotNotSaved(let member, let file, let fault):
            "no snapshot of etcd member \(member) was saved to \(file): \(fault)"
        case .fileNotRead(let path, let reason): "cannot read \(path): \(reason)"
        case .damagedDatabase(let path, let damage):
            "\(path) cannot be used: \(damage); take another snapshot, or use an older one"
        }
    }
}

extension SnapshotFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .diskFull(let written, let needed):
            "the disk is full after \(written) bytes" + (needed.map { " of \($0)" } ?? "")
                + "; make room or choose another folder"
        case .fileSystem(let operation, let reason):
            "\(operation) failed: \(reason); check the folder and its permissions"
        case .connectionLost(let received, let reason):
            "the connection broke after \(received) bytes (\(reason)); try again, or take it from another member"
        case .stalled(let received, let silence):
            "the member sent nothing for \(silence) after \(received) bytes; take it from another member"
        case .incomplete(let received, let announced):
            "\(received) bytes came of \(announced); try again, or take it from another member"
        case .hashMismatch(let announced, let computed):
            "its SHA-256 is \(computed), the member says \(announced): it was damaged on its way; try again"
        case .cancelled: "it was cancelled; nothing is left behind"
        case .refused(let reason): "\(reason)"
        }
    }
}
