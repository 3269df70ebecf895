import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOSSL

/// Watches a sandbox from outside while something else acts on it, with nothing of the product's own code: every etcd
/// member's and every API server's pods, nodes and budgets, and whether each of them serves.
///
/// It only records. What it saw is judged afterwards (``Observation``), in the order of etcd's revisions.
actor Observer {
    struct Target: Sendable {
        var name: String
        var url: String
    }

    private let client: HTTPClient
    private let memberClient: HTTPClient
    private let apiServers: [Target]
    private let members: [Target]
    private let demands: Demands
    private var histories: [String: MemberHistory] = [:]
    private var taps: [String: [ObservedResource: APITap]] = [:]
    private var polls: [Poll] = []
    private var gaps: [String] = []
    private var task: Task<Void, Never>?

    /// `tls` holds the client certificate of an administrator of the cluster, `memberTLS` one that members believe.
    /// Without members, the first API server's word is the history.
    init(
        apiServers: [Target],
        members: [Target],
        tls: TLSConfiguration,
        memberTLS: TLSConfiguration,
        demands: Demands = Demands()
    ) {
        client = Self.client(tls)
        memberClient = Self.client(memberTLS)
        self.demands = demands
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
        if let first = members.first {
            let beginning = try await gateway(first).list()
            for member in members { histories[member.name] = MemberHistory(beginning) }
        }
        for server in apiServers {
            for resource in ObservedResource.allCases {
                let list = try await self.list(server, resource)
                taps[server.name, default: [:]][resource] = APITap(resource, list)
            }
        }
        task = Task {
            await withDiscardingTaskGroup { group in
                for member in members { group.addTask { await self.follow(member) } }
                for server in apiServers {
                    for resource in ObservedResource.allCases {
                        group.addTask { await self.follow(server, resource) }
                    }
                }
                group.addTask { await self.pollForEver() }
            }
        }
    }

    /// Stops, after checking that each watch ended up where a fresh list is.
    func stop() async throws -> Observation {
        for member in members {
            try await settle("etcd member \(member.name)") {
                try await self.gateway(member).list().final == self.histories[member.name]?.final
            }
        }
        for server in apiServers {
            for resource in ObservedResource.allCases {
                try await settle("\(server.name) \(resource.rawValue)") {
                    let list = try await self.list(server, resource)
                    return self.taps[server.name]?[resource]?.final == APITap(resource, list).final
                }
            }
        }
        task?.cancel()
        await task?.value
        try await client.shutdown()
        try await memberClient.shutdown()
        return Observation(histories: histories, taps: taps, polls: polls, gaps: gaps, demands: demands)
    }

    private func settle(_ name: String, _ agrees: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(10 + 2 * (demands.watchSeconds ?? 0))
        while try await !agrees() {
            guard ContinuousClock.now < deadline else {
                gaps.append("\(name): the watch does not agree with the list at the end")
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func gateway(_ member: Target) -> EtcdGateway { EtcdGateway(url: member.url, client: memberClient) }

    /// A member that restarts is expected; its watch goes on where it stopped.
    private func follow(_ member: Target) async {
        while !Task.isCancelled {
            do {
                try await gateway(member).watch(after: histories[member.name]?.revision ?? 0) { message in
                    if message.canceled == true {
                        gaps.append("etcd member \(member.name) ended the watch: \(message)")
                        throw CancellationError()
                    }
                    try histories[member.name]?.append(message)
                }
            } catch is DecodingError {
                gaps.append("etcd member \(member.name) said what cannot be understood")
                return
            } catch { try? await Task.sleep(for: .milliseconds(50)) }
        }
    }

    /// An API server that restarts is expected, and does not remember: then it is listed anew, and what lies between is
    /// looked for in the members' histories.
    private func follow(_ server: Target, _ resource: ObservedResource) async {
        var isCut = false
        while !Task.isCancelled {
            do {
                try await watch(server, resource)
                isCut = true
            } catch is ExpiredWatch {
                guard isCut else {
                    gaps.append("\(server.name) \(resource.rawValue): the watch expired while the server ran")
                    return
                }
                if let list = try? await self.list(server, resource) {
                    taps[server.name]?[resource]?.beginAnew(list)
                    isCut = false
                }
            } catch {
                isCut = true
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private func watch(_ server: Target, _ resource: ObservedResource) async throws {
        let version = taps[server.name]?[resource]?.version ?? 0
        let end = demands.watchSeconds.map { "&timeoutSeconds=\($0)" } ?? ""
        let query = "?watch=true&allowWatchBookmarks=true&resourceVersion=\(version)\(end)"
        let request = HTTPClientRequest(url: server.url + demands.path(resource) + query)
        let response = try await client.execute(
            request,
            timeout: .seconds(Int64(demands.watchSeconds.map { $0 + 30 } ?? 3600))
        )
        guard response.status == .ok else {
            if response.status == .gone { throw ExpiredWatch() }
            throw UnexpectedStatus(code: Int(response.status.code))
        }
        for try await line in response.body.lines() {
            let event = try JSONDecoder().decode(WireEvent.self, from: line)
            if event.type == "ERROR" { throw ExpiredWatch() }
            taps[server.name]?[resource]?.append(event)
        }
    }

    private func list(_ server: Target, _ resource: ObservedResource) async throws -> WireList {
        let request = HTTPClientRequest(url: server.url + demands.path(resource))
        let response = try await client.execute(request, timeout: .seconds(10))
        guard response.status == .ok else { throw UnexpectedStatus(code: Int(response.status.code)) }
        return try JSONDecoder().decode(WireList.self, from: try await response.body.collect(upTo: 256 << 20))
    }

    private func pollForEver() async {
        while !Task.isCancelled {
            let began = ContinuousClock.now
            async let servers = answering(apiServers, path: "/readyz", client)
            async let etcd = answering(members, path: "/health", memberClient)
            polls.append(Poll(began: began, apiServers: await servers, members: await etcd))
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

/// One round of asking everybody whether they serve.
struct Poll: Sendable {
    var began: ContinuousClock.Instant
    var apiServers: Set<String>
    var members: Set<String>
}

/// What one API server told of one resource: stretches of a watch, each after a list.
struct APITap: Sendable {
    let resource: ObservedResource
    /// Of the first list: what comes after it must be seen.
    let beginning: Int
    private(set) var events: [SeenEvent] = []
    /// Revisions that went by while the server was down: after the first, up to the second.
    private(set) var restarts: [ClosedRange<Int>] = []
    /// Up to where it has told all.
    private(set) var version: Int

    init(_ resource: ObservedResource, _ list: WireList) {
        self.resource = resource
        version = Int(list.metadata.resourceVersion) ?? 0
        beginning = version
        events = list.items.map { SeenEvent(resource, .listed, $0) }
    }

    mutating func append(_ event: WireEvent) {
        guard let object = event.object else { return }
        if event.type != "BOOKMARK" { events.append(SeenEvent(resource, event.type, object)) }
        version = max(version, object.metadata.resourceVersion.flatMap { Int($0) } ?? 0)
    }

    mutating func beginAnew(_ list: WireList) {
        let next = Int(list.metadata.resourceVersion) ?? version
        restarts.append(version...max(version, next))
        version = max(version, next)
        let there = Set(list.items.map(\.identity))
        let before = Set(current.keys)
        for gone in before.subtracting(there) {
            if let last = current[gone] { events.append(.init(resource, .deleted, last.object)) }
        }
        events += list.items.map { SeenEvent(resource, .listed, $0) }
    }

    private var current: [String: SeenEvent] {
        var last: [String: SeenEvent] = [:]
        for event in events { last[event.object.identity] = event.kind == .deleted ? nil : event }
        return last
    }

    /// What is left at the end.
    var final: Set<String> { Set(current.values.map(\.identity)) }
}
