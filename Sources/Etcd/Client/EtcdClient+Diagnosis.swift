import GRPCCore
import NIOCore
import NIOPosix
import NIOSSL

extension EtcdClient {
    /// The error of ours that says what `error`, thrown by the call named, means.
    ///
    /// TLS libraries report a failed handshake as one number. So where one failed, the certificates themselves are
    /// looked at to say what is wrong with them.
    func diagnose(_ error: any Error, call: String, limit: Duration) async -> EtcdError {
        if let error = error as? EtcdError { return error }
        if error is CancellationError { return .cancelled(member: member, call: call) }
        guard let error = error as? RPCError else {
            return .unreachable(member: member, reason: Causes(error).text)
        }
        let answer = answered(error, call: call, limit: limit)
        guard case .unreachable = answer, tls != nil, Causes(error).isHandshake else { return answer }
        return await handshakeFailure(Causes(error).text)
    }

    /// What the member or the gRPC library said, by code.
    private func answered(_ error: RPCError, call: String, limit: Duration) -> EtcdError {
        let isTheMembers = error.message.hasPrefix("etcdserver:") || error.message.hasPrefix("raft")
        switch error.code {
        case .cancelled: return .cancelled(member: member, call: call)
        case .deadlineExceeded: return .noAnswer(member: member, call: call, within: limit)
        case .unavailable where isTheMembers: return .noQuorum(member: member, reason: error.message)
        case .unavailable: return .unreachable(member: member, reason: Causes(error).text)
        case .outOfRange where error.message.hasSuffix("has been compacted"): return .compacted(member: member)
        case .outOfRange where error.message.hasSuffix("is a future revision"): return .futureRevision(member: member)
        case .resourceExhausted where error.message.contains("database space exceeded"):
            return .quotaExceeded(member: member)
        default:
            return .refused(member: member, call: call, code: error.code.description, reason: Causes(error).text)
        }
    }

    private func handshakeFailure(_ reason: String) async -> EtcdError {
        let doubts = await CertificateDoubts.find(endpoint: endpoint, tls: tls)
        if let ours = doubts.ours { return .identityRefused(member: member, reason: ours) }
        if let theirs = doubts.theirs { return .untrusted(member: member, reason: theirs) }
        return .identityRefused(member: member, reason: reason)
    }
}

/// An error and the errors it names as its causes, outermost first.
struct Causes {
    let chain: [any Error]

    init(_ error: any Error) {
        var chain: [any Error] = [error]
        while let next = Self.cause(of: chain[chain.count - 1]), chain.count < 16 { chain.append(next) }
        self.chain = chain
    }

    private static func cause(of error: any Error) -> (any Error)? {
        switch error {
        case let error as RPCError: error.cause
        case let error as RuntimeError: error.cause
        default: nil
        }
    }

    /// Whether TLS is what failed.
    var isHandshake: Bool { chain.contains { $0 is NIOSSLError || $0 is BoringSSLError || $0 is NIOSSLExtraError } }

    /// The innermost cause that says something, in one line.
    var text: String {
        let texts = chain.map { error in
            switch error {
            case let error as RPCError: error.message
            case let error as RuntimeError: error.message
            case let error as IOError: error.description
            case let error as NIOConnectionError: "\(error)"
            case let error as ChannelError: "\(error)"
            default: "\(error)"
            }
        }
        let last = texts.last { !$0.isEmpty } ?? "unknown"
        return last.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
