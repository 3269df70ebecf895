import Etcd
import Nodes

/// Asks etcd members how they are, each through its own node.
enum EtcdReader {
    /// What one member said.
    private struct Answer: Sendable {
        var member: EtcdMemberSurvey
        var listed: [ListedMember] = []
        var alarms: [EtcdAlarm] = []
    }

    /// Members in the static pods of control-plane nodes.
    static func stacked(on nodes: [NodeSurvey], _ surveyor: Surveyor) async -> EtcdSurvey {
        let pki = "/etc/kubernetes/pki/etcd"
        let answers = await concurrentMap(nodes, limit: surveyor.options.concurrency) { node in
            if let problem = node.accessProblem {
                return Answer(
                    member: EtcdMemberSurvey(name: node.name, node: node.name, wasAsked: false, problem: problem)
                )
            }
            return await ask(
                node.name,
                through: node.name,
                host: "127.0.0.1",
                port: 2379,
                files: (
                    "\(pki)/ca.crt", "\(pki)/healthcheck-client.crt", "\(pki)/healthcheck-client.key"
                ),
                serverName: nil,
                surveyor
            )
        }
        var survey = EtcdSurvey(members: answers.map(\.member))
        let listed = answers.map(\.listed).max { $0.count < $1.count } ?? []
        let known = Set(answers.map(\.member.id)).union(answers.map(\.member.name))
        for member in listed where !known.contains(member.hexID) && !known.contains(member.name) {
            let name = member.name.isEmpty ? member.hexID : member.name
            survey.members.append(
                EtcdMemberSurvey(
                    name: name,
                    node: nil,
                    id: member.hexID,
                    isLearner: member.isLearner,
                    problem: member.name.isEmpty
                        ? "it was added and has never started" : "no control-plane node of that name is known"
                )
            )
        }
        return finished(survey, answers)
    }

    /// An etcd of its own, asked through the first of `nodes` that gives its certificates.
    static func external(
        _ external: KubeadmConfiguration.ExternalEtcd,
        through nodes: [String],
        _ surveyor: Surveyor
    ) async -> EtcdSurvey {
        guard let node = nodes.first else {
            let members = external.endpoints.map {
                EtcdMemberSurvey(
                    name: $0,
                    node: nil,
                    wasAsked: false,
                    problem: "no control-plane node can be reached to ask through"
                )
            }
            return EtcdSurvey(externalEndpoints: external.endpoints, members: members)
        }
        let files = (external.caFile, external.certificateFile, external.keyFile)
        let answers = await concurrentMap(external.endpoints, limit: surveyor.options.concurrency) { endpoint in
            guard let (host, port) = hostAndPort(endpoint) else {
                return Answer(
                    member: EtcdMemberSurvey(name: endpoint, node: nil, problem: "'\(endpoint)' is no https address")
                )
            }
            return await ask(
                endpoint,
                through: node,
                host: host,
                port: port,
                files: files,
                serverName: host,
                surveyor
            )
        }
        return finished(EtcdSurvey(externalEndpoints: external.endpoints, members: answers.map(\.member)), answers)
    }

    private static func finished(_ survey: EtcdSurvey, _ answers: [Answer]) -> EtcdSurvey {
        var survey = survey
        let names = Dictionary(
            answers.map { ($0.member.id, $0.member.name) },
            uniquingKeysWith: { first, _ in first }
        )
        survey.alarms = Set(answers.flatMap(\.alarms)).map { alarm in
            let id = String(alarm.memberID, radix: 16)
            return "\(alarm.kind.rawValue) on \(names[id] ?? id)"
        }.sorted()
        survey.members = survey.members.naturallySorted(by: \.name)
        return survey
    }

    private static func ask(
        _ name: String,
        through node: String,
        host: String,
        port: Int,
        files: (ca: String, certificate: String, key: String),
        serverName: String?,
        _ surveyor: Surveyor
    ) async -> Answer {
        let silent = EtcdMemberSurvey(name: name, node: node)
        @Sendable func answer(problem: String, wasAsked: Bool = true) -> Answer {
            var member = silent
            member.problem = problem
            member.wasAsked = wasAsked
            return Answer(member: member)
        }
        let transport: any Transport
        do { transport = try surveyor.transport(node) } catch {
            return answer(problem: "\(error)", wasAsked: false)
        }
        let remote = RemoteNode(name: node, transport: transport)
        let result = await withinLimit(surveyor.options.patience, clock: surveyor.options.clock) {
            () async -> Result<Answer, any Error> in
            do {
                guard let tls = try await identity(files, serverName: serverName, on: remote) else {
                    let problem = "its node has no client certificate for it (\(files.certificate))"
                    return .success(answer(problem: problem, wasAsked: false))
                }
                return .success(
                    try await transport.withForwardedPort(host: host, port: port) { socket in
                        try await EtcdClient.with(endpoint: .socket(path: socket), tls: tls, member: name) { client in
                            try await examine(client, silent)
                        }
                    }
                )
            } catch { return .failure(error) }
        }
        switch result {
        case .success(let answer): return answer
        case .failure(let error): return answer(problem: "\(error)")
        case nil: return answer(problem: "no answer within \(surveyor.options.patience)")
        }
    }

    /// The certificates a node has for its member, read into memory and nowhere else.
    private static func identity(
        _ files: (ca: String, certificate: String, key: String),
        serverName: String?,
        on node: RemoteNode
    ) async throws -> EtcdTLS? {
        let reader = NodeFiles(node)
        guard let ca = try await reader.bytes(files.ca, isSecret: false),
            let certificate = try await reader.bytes(files.certificate, isSecret: false),
            let key = try await reader.bytes(files.key, isSecret: true)
        else { return nil }
        return EtcdTLS(ca: ca, certificate: certificate, key: key, serverName: serverName)
    }

    private static func examine(_ client: EtcdClient, _ silent: EtcdMemberSurvey) async throws -> Answer {
        let status = try await client.status()
        var answer = Answer(member: silent)
        answer.member.id = String(status.memberID, radix: 16)
        answer.member.version = status.version
        answer.member.isLeader = status.isLeader
        answer.member.isLearner = status.isLearner
        answer.member.dbSize = status.dbSize
        answer.member.dbSizeInUse = status.dbSizeInUse
        switch try await client.health() {
        case .healthy:
            answer.member.isHealthy = true
            answer.listed = try await client.members()
            answer.alarms = try await client.alarms()
            if let listed = answer.listed.first(where: { $0.id == status.memberID }), !listed.name.isEmpty,
                answer.member.node == silent.name
            {
                answer.member.name = listed.name
            }
        case .unhealthy(let reason): answer.member.problem = reason
        }
        return answer
    }

    private static func hostAndPort(_ endpoint: String) -> (String, Int)? {
        guard let scheme = endpoint.firstRange(of: "://") else { return nil }
        let rest = endpoint[scheme.upperBound...].prefix { $0 != "/" }
        guard let colon = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: colon)...]),
            (1...65535).contains(port)
        else { return nil }
        let host = rest[..<colon].filter { $0 != "[" && $0 != "]" }
        return host.isEmpty ? nil : (String(host), port)
    }
}
