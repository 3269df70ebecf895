import Foundation
import KubernetesModel

/// What one request shows to the server.
struct Authorization: Sendable {
    var headers: [Credentials.Header] = []
    /// A certificate that a plugin gave; the kubeconfig's own is part of the connection settings.
    var certificate: ClientCertificate?
}

/// Hands out credentials, asking token files and plugins again when theirs run out.
actor CredentialSource {
    private static let tokenFileAge: TimeInterval = 10
    /// Ask a plugin again this long before its credentials expire, so that none expires on its way.
    private static let margin: TimeInterval = 10

    private let credentials: Credentials
    private let now: @Sendable () -> Date
    private var fileToken: (text: String, readAt: Date)?
    private var plugin: PluginCredentials?
    /// One plugin run shared by all who wait for it; it outlives the one that is cancelled.
    private var running: Task<Result<PluginCredentials, ClientError>, Never>?

    init(_ credentials: Credentials, now: @escaping @Sendable () -> Date) {
        self.credentials = credentials
        self.now = now
    }

    func authorization() async throws(ClientError) -> Authorization {
        var result = Authorization(headers: credentials.impersonation)
        var token: String?
        switch credentials.token {
        case .text(let text): token = text
        case .file(let path): token = try readToken(path)
        case nil: break
        }
        if let source = credentials.plugin {
            let fresh = try await fromPlugin(source)
            token = token ?? fresh.token
            result.certificate = fresh.certificate
        }
        if let token {
            result.headers.append(.init(name: "Authorization", value: "Bearer \(token)"))
        } else if let (user, password) = credentials.password {
            let packed = Data("\(user):\(password)".utf8).base64EncodedString()
            result.headers.append(.init(name: "Authorization", value: "Basic \(packed)"))
        }
        return result
    }

    /// Forgets what can be asked for again, after the server answered 401.
    /// - Returns: false when there is nothing that could be renewed.
    func renew() -> Bool {
        fileToken = nil
        plugin = nil
        if case .file = credentials.token { return true }
        return credentials.plugin != nil
    }

    private func readToken(_ path: String) throws(ClientError) -> String {
        if let fileToken, now().timeIntervalSince(fileToken.readAt) < Self.tokenFileAge { return fileToken.text }
        let bytes = try FileBytes.read(path, usedFor: "the user's token file")
        let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else {
            throw .unreadableFile(path: path, usedFor: "the user's token file", reason: "it is empty")
        }
        fileToken = (text, now())
        return text
    }

    private func fromPlugin(_ source: CredentialPlugin) async throws(ClientError) -> PluginCredentials {
        if let plugin, plugin.expiry.map({ $0.timeIntervalSince(now()) > Self.margin }) ?? true { return plugin }
        let task = running ?? Task { await Self.result(of: source) }
        running = task
        let result = await task.value
        if running == task { running = nil }
        let fresh = try result.get()
        plugin = fresh
        return fresh
    }

    private static func result(of source: CredentialPlugin) async -> Result<PluginCredentials, ClientError> {
        do throws(ClientError) { return .success(try await source.credentials()) } catch { return .failure(error) }
    }
}
