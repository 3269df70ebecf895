package import Foundation

/// Why the API gave no answer. An answer that refuses is an `APIStatus` instead.
package enum ClientError: Error {
    case noKubeconfig(searched: [String])
    case unreadableFile(path: String, usedFor: String, reason: String)
    case malformedKubeconfig(path: String, line: Int?, reason: String)
    case unknownContext(String, known: [String], path: String)
    case unusableCredential(user: String, reason: String)
    case credentialPluginFailed(command: String, reason: String, hint: String?)
    case unusableServer(String, reason: String)
    case unreachable(server: String, reason: String)
    case certificateExpired(whose: String, notAfter: Date)
    case certificateNotYetValid(whose: String, notBefore: Date)
    case unknownAuthority(server: String, issuer: String)
    case wrongServerName(server: String, expected: String, certified: [String])
    case tlsFailed(server: String, reason: String)
    /// The request was sent, or may have been; whether the server acted on it is not known.
    case connectionLost(call: String, reason: String)
    case timedOut(call: String, after: Duration)
    case unintelligibleAnswer(call: String, reason: String)
}

extension ClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noKubeconfig(let searched):
            "there is no kubeconfig (looked at \(searched.joined(separator: ", "))); give one with --kubeconfig or KUBECONFIG"
        case .unreadableFile(let path, let usedFor, let reason):
            "cannot read \(path) (\(usedFor)): \(reason)"
        case .malformedKubeconfig(let path, let line, let reason):
            "\(path)\(line.map { ":\($0)" } ?? ""): not a usable kubeconfig: \(reason)"
        case .unknownContext(let context, let known, let path):
            "there is no context '\(context)' in \(path); "
                + (known.isEmpty ? "it has none" : "it has: \(known.joined(separator: ", "))")
        case .unusableCredential(let user, let reason):
            "the credentials of user '\(user)' cannot be used: \(reason)"
        case .credentialPluginFailed(let command, let reason, let hint):
            "the credential plugin `\(command)` gave no credentials: \(reason)" + (hint.map { "; \($0)" } ?? "")
        case .unusableServer(let server, let reason):
            "the server address '\(server)' cannot be used: \(reason)"
        case .unreachable(let server, let reason):
            "cannot reach the API server \(server): \(reason); is it up, and is the address right?"
        case .certificateExpired(let whose, let notAfter):
            "\(whose) expired at \(notAfter.ISO8601Format()); renew it (`kubeadm certs renew` on the control plane) or, "
                + "if that date is still to come, set this machine's clock"
        case .certificateNotYetValid(let whose, let notBefore):
            "\(whose) is valid only from \(notBefore.ISO8601Format()); is this machine's clock right?"
        case .unknownAuthority(let server, let issuer):
            "the certificate of \(server) was issued by \(issuer), which the kubeconfig's certificate-authority does "
                + "not cover; is this the kubeconfig of that cluster?"
        case .wrongServerName(let server, let expected, let certified):
            "the certificate of \(server) is not for '\(expected)' but for \(certified.joined(separator: ", ")); use one "
                + "of these as the server, or as tls-server-name"
        case .tlsFailed(let server, let reason):
            "no TLS connection to \(server): \(reason)"
        case .connectionLost(let call, let reason):
            "the connection was lost during \(call): \(reason); whether the server acted on it is not known"
        case .timedOut(let call, let limit):
            "\(call) was not answered within \(limit.formatted(.units(allowed: [.minutes, .seconds, .milliseconds])))"
        case .unintelligibleAnswer(let call, let reason):
            "the server's answer to \(call) makes no sense: \(reason)"
        }
    }
}

extension ClientError {
    /// True where the same call may succeed a little later without anybody changing a setting: the server is away,
    /// restarting or slow.
    package var isTransient: Bool {
        switch self {
        case .unreachable, .connectionLost, .timedOut: true
        default: false
        }
    }
}
