package import Etcd
import Foundation
import Glibc
import SystemPackage

/// One real etcd process, with kubeadm's certificates and its data in a folder of its own.
///
/// `<folder>/`: `data/`, `pki/`, `log`, and `pid` while it runs. It keeps its ports and data over stop and start.
package actor EtcdMember {
    /// What a member is started with.
    package struct Configuration: Sendable {
        package var name: String
        /// Where it keeps everything; made if need be, mode 0700.
        package var folder: String
        package var clientPort: Int
        package var peerPort: Int
        /// What the member list gives as its client URL: the node's own address in kubeadm clusters.
        package var advertisedClientURL: String
        /// The peer URL of every first member by name.
        package var initialCluster: [String: String]
        package var token: String
        /// Bytes at which the database is full (alarm NOSPACE); nil: etcd's own 2 GiB.
        package var quota: Int64?

        package init(
            name: String,
            folder: String,
            clientPort: Int,
            peerPort: Int,
            advertisedClientURL: String? = nil,
            initialCluster: [String: String]? = nil,
            token: String = "keelstep-sandbox",
            quota: Int64? = nil
        ) {
            self.name = name
            self.folder = folder
            self.clientPort = clientPort
            self.peerPort = peerPort
            self.advertisedClientURL = advertisedClientURL ?? "https://127.0.0.1:\(clientPort)"
            self.initialCluster = initialCluster ?? [name: "https://127.0.0.1:\(peerPort)"]
            self.token = token
            self.quota = quota
        }
    }

    /// What a member and its clients show each other, as kubeadm names them.
    package struct Certificates: Sendable {
        package var ca: [UInt8]
        package var server: Identity
        package var peer: Identity
        package var client: Identity

        package init(ca: [UInt8], server: Identity, peer: Identity, client: Identity) {
            self.ca = ca
            self.server = server
            self.peer = peer
            self.client = client
        }

        /// Those of a control-plane node; nil for a node the PKI does not know as one.
        package init?(_ pki: SandboxPKI, node: String) {
            guard let server = pki.identity(of: node, "pki/etcd/server"),
                let peer = pki.identity(of: node, "pki/etcd/peer"),
                let client = pki.identity(of: node, "pki/apiserver-etcd-client")
            else { return nil }
            self.init(ca: pki.etcdCA.identity.certificate, server: server, peer: peer, client: client)
        }
    }

    nonisolated package let configuration: Configuration
    nonisolated package let binary: EtcdBinary
    nonisolated private let certificates: Certificates
    private var process: ChildProcess?

    package init(_ configuration: Configuration, certificates: Certificates, binary: EtcdBinary) {
        self.configuration = configuration
        self.certificates = certificates
        self.binary = binary
    }

    nonisolated package var name: String { configuration.name }
    nonisolated package var dataFolder: String { configuration.folder + "/data" }
    nonisolated package var log: String { configuration.folder + "/log" }
    nonisolated package var endpoint: EtcdEndpoint { .host("127.0.0.1", configuration.clientPort) }
    /// How the API server on the same node reaches it.
    nonisolated package var tls: EtcdTLS {
        EtcdTLS(ca: certificates.ca, certificate: certificates.client.certificate, key: certificates.client.key)
    }

    package var pid: Int32? { isRunning ? process?.pid : nil }
    package var isRunning: Bool { process?.isRunning ?? false }

    /// Starts the process and waits until the member takes part in its cluster; with a nil `deadline`, does not wait.
    package func start(deadline: Duration? = .seconds(30)) async throws {
        if !isRunning { try await launch() }
        guard let deadline, let process else { return }
        try await waitUntilHealthy(process, deadline)
    }

    /// Ends the process in order (SIGTERM), and by force if it does not end within ten seconds.
    package func stop() async {
        guard let process, process.isRunning else { return }
        process.send(SIGTERM)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // A cancelled sleep means that the process has ended.
                if (try? await ContinuousClock().sleep(for: .seconds(10))) != nil { process.send(SIGKILL) }
            }
            await process.ended()
            group.cancelAll()
        }
        removePid()
    }

    /// Ends the process at once (SIGKILL), as a crash or a power failure would.
    package func kill() async {
        guard let process, process.isRunning else { return }
        process.send(SIGKILL)
        await process.ended()
        removePid()
    }

    package func restart(deadline: Duration? = .seconds(30)) async throws {
        await stop()
        try await start(deadline: deadline)
    }

    /// Freezes the process without ending it, or lets it go on: a member that hangs.
    package func setFrozen(_ isFrozen: Bool) { process?.send(isFrozen ? SIGSTOP : SIGCONT) }

    /// Ends the process that a killed sandbox left in `folder`, if it still runs.
    package static func endStray(in folder: String) {
        let file = folder + "/pid"
        guard let data = FileManager.default.contents(atPath: file),
            let process = try? JSONDecoder().decode(ProcessIdentity.self, from: data)
        else { return }
        if process.isRunning { Glibc.kill(process.pid, SIGKILL) }
        unsafe unlink(file)
    }
}

extension EtcdMember {
    private func launch() async throws {
        Self.endStray(in: configuration.folder)
        try writeFiles()
        let process: ChildProcess
        do {
            process = try await ChildProcess.start(
                binary.path,
                arguments,
                // Debian's etcd refuses to run where it was not built for without this.
                environment: ["ETCD_UNSUPPORTED_ARCH": Self.architecture, "PATH": "/usr/bin:/bin"],
                log: log
            )
        } catch {
            throw SandboxError.didNotStart(name: name, reason: "\(binary.path): \(error)", log: log)
        }
        self.process = process
        if let identity = ProcessIdentity(pid: process.pid), let data = try? JSONEncoder().encode(identity) {
            try PartialFile.write(Array(data), to: configuration.folder + "/pid")
        }
    }

    private func removePid() { unsafe unlink(configuration.folder + "/pid") }

    private func waitUntilHealthy(_ process: ChildProcess, _ deadline: Duration) async throws {
        let end = ContinuousClock.now + deadline
        let (name, log) = (name, log)
        try await EtcdClient.with(endpoint: endpoint, tls: tls, member: name, timeout: .seconds(2)) { client in
            var reason = "it never answered"
            while ContinuousClock.now < end {
                guard process.isRunning else {
                    let words = Self.lastWords(of: log)
                    throw SandboxError.didNotStart(
                        name: name,
                        reason: "etcd \(await process.ended()): \(words)",
                        log: log
                    )
                }
                switch try await client.health() {
                case .healthy: return
                case .unhealthy(let why): reason = why
                }
                // There is nothing to watch in a process that does not listen yet.
                try await ContinuousClock().sleep(for: .milliseconds(20))
            }
            throw SandboxError.didNotStart(name: name, reason: "not ready within \(deadline): \(reason)", log: log)
        }
    }

    private func writeFiles() throws {
        for folder in [configuration.folder, configuration.folder + "/pki", dataFolder] {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
        let files = [
            "ca.crt": certificates.ca,
            "server.crt": certificates.server.certificate, "server.key": certificates.server.key,
            "peer.crt": certificates.peer.certificate, "peer.key": certificates.peer.key,
        ]
        for (name, bytes) in files { try PartialFile.write(bytes, to: "\(configuration.folder)/pki/\(name)") }
    }

    /// Flags that 3.4, 3.5 and 3.6 all know, as in kubeadm's manifest wherever it has them.
    private var arguments: [String] {
        let pki = configuration.folder + "/pki"
        let members = configuration.initialCluster.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var flags = [
            "--name=\(name)",
            "--data-dir=\(dataFolder)",
            "--listen-client-urls=https://127.0.0.1:\(configuration.clientPort)",
            "--advertise-client-urls=\(configuration.advertisedClientURL)",
            "--listen-peer-urls=https://127.0.0.1:\(configuration.peerPort)",
            "--initial-advertise-peer-urls=https://127.0.0.1:\(configuration.peerPort)",
            "--initial-cluster=\(members.joined(separator: ","))",
            "--initial-cluster-token=\(configuration.token)",
            "--initial-cluster-state=new",
            "--client-cert-auth=true",
            "--trusted-ca-file=\(pki)/ca.crt", "--cert-file=\(pki)/server.crt", "--key-file=\(pki)/server.key",
            "--peer-client-cert-auth=true",
            "--peer-trusted-ca-file=\(pki)/ca.crt",
            "--peer-cert-file=\(pki)/peer.crt", "--peer-key-file=\(pki)/peer.key",
            "--snapshot-count=10000",
            "--pre-vote=true",
            "--logger=zap", "--log-level=warn",
        ]
        if let quota = configuration.quota { flags.append("--quota-backend-bytes=\(quota)") }
        return flags
    }

    /// The end of its log: what it said before it ended.
    static func lastWords(of log: String) -> String {
        let text = FileManager.default.contents(atPath: log).map { String(decoding: $0.suffix(4096), as: UTF8.self) }
        let lines = (text ?? "").split(separator: "\n").suffix(2).joined(separator: " ")
        return lines.isEmpty ? "it said nothing" : lines
    }

    /// Go's name for this machine's architecture.
    private static var architecture: String {
        #if arch(x86_64)
            "amd64"
        #elseif arch(arm64)
            "arm64"
        #elseif arch(arm)
            "arm"
        #else
            ""
        #endif
    }
}
