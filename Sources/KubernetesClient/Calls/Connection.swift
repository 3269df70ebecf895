import AsyncHTTPClient
import Foundation
import KubernetesModel
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SystemPackage

/// Sends calls to one server: credentials, deadlines, repetitions, and words for what goes wrong.
struct Connection: Sendable {
    /// More than this is no answer to one chunk of a list.
    private static let largestAnswer = 1 << 30

    let pool: HTTPClient
    let address: ServerAddress
    let configuration: KubeConfiguration
    let credentials: CredentialSource
    let options: ClientOptions

    /// Makes the call, again if need be, and gives the answer that says yes.
    /// - Throws: `APIStatus` for an answer that says no, ``ClientError`` otherwise.
    func send(_ call: Call) async throws -> Answer {
        let answer = try await sendForAnyAnswer(call)
        guard answer.isSuccess else { throw answer.status }
        return answer
    }

    /// As ``send(_:)``, but an answer that says no and is not worth repeating is given back too.
    func sendForAnyAnswer(_ call: Call) async throws -> Answer {
        let limit = call.deadline ?? options.deadline
        let deadline = Deadline(in: limit, clock: options.clock)
        let policy = call.retries ?? options.retries
        var attempt = 0
        var hasRenewed = false
        while true {
            attempt += 1
            let outcome = await exchange(call, limit: max(.milliseconds(1), min(limit, deadline.timeLeft)))
            let trouble: RetryPolicy.Trouble
            switch outcome {
            case .answer(let answer) where answer.isSuccess: return answer
            case .answer(let answer):
                if answer.code == 401, !hasRenewed, await credentials.renew() {
                    hasRenewed = true
                    continue
                }
                trouble = .answered(code: answer.code, retryAfter: answer.status.retryAfterSeconds)
            case .failed(_, let found): trouble = found
            case .final: return try outcome.get()
            }
            guard
                let pause = policy.pause(after: trouble, attempt: attempt, isSafeToRepeat: call.isSafeToRepeat),
                pause < deadline.timeLeft
            else { return try outcome.get() }
            try await options.clock.sleep(for: pause)
        }
    }

    /// Opens a watch: its answer is read by the caller as it comes.
    func open(_ call: Call) async throws -> HTTPClientResponse {
        let request = try await request(for: call)
        do {
            let limit = call.deadline ?? options.deadline
            return try await pool.execute(request, deadline: .now() + .nanoseconds(limit.nanoseconds))
        } catch {
            if error is CancellationError || Task.isCancelled { throw CancellationError() }
            throw await explained(error, call: call).error
        }
    }

    private enum Outcome {
        case answer(Answer)
        case failed(any Error, RetryPolicy.Trouble)
        /// Nothing that another attempt could change.
        case final(any Error)

        func get() throws -> Answer {
            switch self {
            case .answer(let answer): return answer
            case .failed(let error, _), .final(let error): throw error
            }
        }
    }

    private func exchange(_ call: Call, limit: Duration) async -> Outcome {
        do {
            let request = try await request(for: call)
            let end = NIODeadline.now() + .nanoseconds(limit.nanoseconds)
            let response = try await pool.execute(request, deadline: end)
            let retryAfter = response.headers.first(name: "Retry-After").flatMap { Int($0) }
            let body = try await Self.body(of: response, until: end)
            return .answer(Answer(code: Int(response.status.code), body: body, retryAfter: retryAfter))
        } catch let error as ClientError {
            return .final(error)
        } catch {
            if error is CancellationError || Task.isCancelled { return .final(CancellationError()) }
            let (explanation, trouble) = await explained(error, call: call, limit: limit)
            return trouble.map { .failed(explanation, $0) } ?? .final(explanation)
        }
    }

    private func request(for call: Call) async throws -> HTTPClientRequest {
        var request = HTTPClientRequest(url: address.base + call.target)
        request.method = HTTPMethod(rawValue: call.method.rawValue)
        if let host = address.hostHeader { request.headers.add(name: "Host", value: host) }
        request.headers.add(name: "User-Agent", value: options.userAgent)
        request.headers.add(name: "Accept", value: call.accept)
        let authorization = try await credentials.authorization()
        for header in authorization.headers { request.headers.add(name: header.name, value: header.value) }
        if let certificate = authorization.certificate {
            let now = options.now()
            var tls = try ConnectionSecurity.settings(for: configuration, at: now)
            try ConnectionSecurity.show(certificate, in: &tls, for: configuration, at: now)
            request.tlsConfiguration = tls
        }
        if let body = call.body {
            request.headers.add(name: "Content-Type", value: call.contentType)
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        options.onRequest?(call.method.rawValue, call.target)
        return request
    }

    /// The whole body; the deadline goes on while it comes in.
    private static func body(of response: HTTPClientResponse, until end: NIODeadline) async throws -> [UInt8] {
        try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask {
                let buffer = try await response.body.collect(upTo: largestAnswer)
                return Array(buffer.readableBytesView)
            }
            group.addTask {
                try await Task.sleep(for: .nanoseconds((end - .now()).nanoseconds))
                return nil
            }
            defer { group.cancelAll() }
            guard let bytes = try await group.next() ?? nil else { throw HTTPClientError.deadlineExceeded }
            return bytes
        }
    }
}

extension Connection {
    /// Our words for what the HTTP and TLS layers say, and whether the request can have been acted on; the trouble is
    /// nil where another attempt would fail the same way.
    private func explained(
        _ error: any Error,
        call: Call,
        limit: Duration? = nil
    ) async -> (error: ClientError, trouble: RetryPolicy.Trouble?) {
        let server = configuration.server
        switch error {
        case let error as ClientError: return (error, nil)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            if let found = await CertificateDiagnosis(configuration, address).diagnosis(at: options.now()) {
                return (found, nil)
            }
            if case NIOSSLError.uncleanShutdown = error {
                return (.connectionLost(call: call.title, reason: "the server closed it"), .fateUnknown)
            }
            return (.tlsFailed(server: server, reason: "\(error)"), .notSent)
        case let error as NIOConnectionError:
            return (.unreachable(server: server, reason: Self.reason(of: error)), .notSent)
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .getConnectionFromPoolTimeout:
                let reason = "no connection within \(options.connectTimeout)"
                return (.unreachable(server: server, reason: reason), .notSent)
            case .tlsHandshakeTimeout:
                return (.unreachable(server: server, reason: "the TLS handshake did not end in time"), .notSent)
            case .invalidProxyResponse, .proxyAuthenticationRequired, .httpProxyHandshakeTimeout,
                .socksHandshakeTimeout:
                return (.unreachable(server: server, reason: "the proxy refused: \(error.shortDescription)"), .notSent)
            case .deadlineExceeded, .readTimeout, .writeTimeout:
                return (.timedOut(call: call.title, after: limit ?? options.deadline), .fateUnknown)
            case .remoteConnectionClosed:
                return (.connectionLost(call: call.title, reason: "the server closed it"), .fateUnknown)
            default: return (.connectionLost(call: call.title, reason: error.shortDescription), .fateUnknown)
            }
        case let error as IOError:
            let unsent = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENETDOWN, EADDRNOTAVAIL, ENOENT]
            if unsent.contains(error.errnoCode) {
                return (.unreachable(server: server, reason: Self.words(error)), .notSent)
            }
            return (.connectionLost(call: call.title, reason: Self.words(error)), .fateUnknown)
        default: return (.connectionLost(call: call.title, reason: "\(error)"), .fateUnknown)
        }
    }

    private static func reason(of error: NIOConnectionError) -> String {
        if let cause = error.connectionErrors.first?.error { return words(cause) }
        if error.dnsAError != nil || error.dnsAAAAError != nil { return "the name '\(error.host)' has no address" }
        return "no address answered"
    }

    private static func words(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return Errno(rawValue: error.errnoCode).description.lowercased()
    }
}
