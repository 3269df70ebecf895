import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOSSL

/// Watches a sandbox from outside while something else acts on it, with nothing of the product's own code:
/// every API server's pods, nodes and budgets, and the health of every API server and etcd member.
///
/// It only records. What it saw is judged afterwards (``Observation``), in the order of the resource versions.
actor Observer {
    struct Target: Sendable {
        var name: String
        var url: String
    }

    static let resources = ["/api/v1/pods", "/api/v1/nodes", "/apis/policy/v1/poddisruptionbudgets"]

    private let client: HTTPClient
    private let memberClient: HTTPClient
    private let apiServers: [Target]
    private let members: [Target]
    private var records: [String: [SeenEvent]] = [:]
    private var polls: [Poll] = []
    private var gaps: [String] = []
    private var task: Task<Void, Never>?
    private var listed: Set<String> = []

    /// `tls` holds the client certificate of an administrator of the cluster, `memberTLS` one that members believe.
    init(apiServers: [Target], members: [Target], tls: TLSConfiguration, memberTLS: TLSConfiguration) {
        client = Self.client(tls)
        memberClient = Self.client(memberTLS)
        self.apiServers = apiServers
        self.members = members
    }

    private static func client(_ tls: TLSConfiguration) -> HTTPClient {
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.timeout.connect = .seconds(1)
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Starts, and returns once every watch has its first list: what happens from now on is seen.
    func start() async throws {
        task = Task {
            await withDiscardingTaskGroup { group in
                for server in apiServers {
                    for path in Self.resources { group.addTask { await self.tap(server, path) } }
                }
                group.addTask { await self.pollForEver() }
            }
        }
        while listed.count < apiServers.count * Self.resources.count { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// Stops, after checking that each watch ended up where a fresh list of its server is.
    func stop() async throws -> Observation {
        for server in apiServers {
            for path in Self.resources { try await catchUp(server, path) }
        }
        task?.cancel()
        await task?.value
        try await client.shutdown()
        try await memberClient.shutdown()
        return Observation(records: records, polls: polls, gaps: gaps)
    }

    private func key(_ server: Target, _ path: String) -> String { "\(server.name) \(path)" }

    private func catchUp(_ server: Target, _ path: String) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            let list = try await self.list(server, path)
            let seen = Observation.final(records[key(server, path)] ?? [])
            if seen == Set(list.items.map { "\($0.identity) \($0.metadata.resourceVersion)" }) { return }
            guard ContinuousClock.now < deadline else {
                gaps.append("\(key(server, path)): the watch does not agree with the list at the end")
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func tap(_ server: Target, _ path: String) async {
        var version: String?
        while !Task.isCancelled {
            do {
                if version == nil {
                    let list = try await self.list(server, path)
                    for item in list.items { append(SeenEvent(.listed, item), server, path) }
                    version = list.metadata.resourceVersion
                    listed.insert(key(server, path))
                }
                try await watch(server, path, from: &version)
            } catch is ExpiredWatch {
                gaps.append("\(key(server, path)): the watch expired and events may have been missed")
                return
            } catch {
                // An API server that restarts is expected; the watch goes on where it stopped.
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private func watch(_ server: Target, _ path: String, from version: inout String?) async throws {
        let query = "?watch=true&allowWatchBookmarks=true&resourceVersion=\(version ?? "")"
        let response = try await client.execute(HTTPClientRequest(url: server.url + path + query), timeout: .hours(1))
        guard response.status == .ok else {
            if response.status == .gone { throw ExpiredWatch() }
            throw UnexpectedStatus(code: Int(response.status.code))
        }
        var rest = Data()
        for try await chunk in response.body {
            rest.append(contentsOf: chunk.readableBytesView)
            while let end = rest.firstIndex(of: 0x0A) {
                let line = rest[rest.startIndex..<end]
                rest = Data(rest[rest.index(after: end)...])
                let event = try JSONDecoder().decode(WireEvent.self, from: Data(line))
                switch event.type {
                case "ERROR": throw ExpiredWatch()
                case "BOOKMARK": break
                default: append(SeenEvent(event), server, path)
                }
                version = event.object.metadata.resourceVersion
            }
        }
    }

    private func append(_ event: SeenEvent, _ server: Target, _ path: String) {
        records[key(server, path), default: []].append(event)
    }

    private func list(_ server: Target, _ path: String) async throws -> WireList {
        let response = try await client.execute(HTTPClientRequest(url: server.url + path), timeout: .seconds(5))
        guard response.status == .ok else { throw UnexpectedStatus(code: Int(response.status.code)) }
        let body = try await response.body.collect(upTo: 256 << 20)
        return try JSONDecoder().decode(WireList.self, from: body)
    }

    private func pollForEver() async {
        while !Task.isCancelled {
            let began = ContinuousClock.now
            async let servers = answering(apiServers, path: "/readyz", client)
            async let etcd = answering(members, path: "/health", memberClient)
            polls.append(Poll(began: began, ended: .now, apiServers: await servers, members: await etcd))
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    private nonisolated func answering(
        _ targets: [Target],
        path: String,
        _ client: HTTPClient
    ) async -> Set<String> {
        await withTaskGroup(of: String?.self) { group in
            for target in targets {
                group.addTask {
                    let request = HTTPClientRequest(url: target.url + path)
                    let response = try? await client.execute(request, timeout: .seconds(2))
                    return response?.status == .ok ? target.name : nil
                }
            }
            return await group.reduce(into: []) { names, name in if let name { names.insert(name) } }
        }
    }
}

private struct ExpiredWatch: Error {}

private struct UnexpectedStatus: Error { var code: Int }

/// One round of asking everybody whether they serve.
struct Poll: Sendable {
    var began: ContinuousClock.Instant
    var ended: ContinuousClock.Instant
    var apiServers: Set<String>
    var members: Set<String>
}
