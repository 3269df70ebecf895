import Foundation
import Glibc
import KubernetesModel
import Settings

/// The background process of a sandbox: starts the cluster, says when it is ready, and obeys the control socket.
package enum SandboxDaemon {
    /// What it writes to its standard output once the cluster is ready.
    static let readyLine = "ready"

    /// Runs until it is told to stop, or until SIGTERM.
    package static func run(_ spec: SandboxSpec, folder: SandboxFolder) async throws {
        DetachedProcess.leaveSession()
        let log: @Sendable (String) -> Void = { line in
            let time = Timestamp.microString(from: Date())
            try? FileHandle.standardError.write(contentsOf: Data("\(time) \(line)\n".utf8))
        }
        let cluster = try await SandboxCluster(spec, folder: folder, log: log)
        let board = FaultBoard(cluster)
        let stop = Gate()
        let control = try await ControlServer(path: folder.controlSocket) { request in
            try await answer(request, cluster, board, stop)
        }
        signal(SIGTERM, SIG_IGN)
        let terminations = DispatchSource.makeSignalSource(signal: SIGTERM)
        terminations.setEventHandler { stop.open() }
        terminations.activate()
        defer { terminations.cancel() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await cluster.run() }
            group.addTask { try await control.run() }
            group.addTask { await stop.wait() }
            group.addTask {
                try await cluster.becomeReady { phase in say(phase) }
                try describe(cluster)
                say(readyLine)
                closeReports()
                await stop.wait()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private static func say(_ line: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Nobody reads the pipe of the start any more; what is still written to it goes nowhere.
    private static func closeReports() {
        guard let nowhere = FileHandle(forWritingAtPath: "/dev/null") else { return }
        dup2(nowhere.fileDescriptor, STDOUT_FILENO)
    }

    /// Writes what others need to use the sandbox: kubeconfig, settings, etcd client certificate, state.
    private static func describe(_ cluster: SandboxCluster) throws {
        let folder = cluster.folder
        let kubeconfig = cluster.pki.kubeconfig(user: "kubernetes-admin", identity: cluster.pki.admin)
        try folder.write(kubeconfig, to: folder.kubeconfig)
        if let name = cluster.spec.controlPlaneNames.first,
            let client = cluster.pki.identity(of: name, "pki/etcd/healthcheck-client")
        {
            try folder.write(String(decoding: client.certificate, as: UTF8.self), to: folder.path + "/etcd/client.crt")
            try folder.write(String(decoding: client.key, as: UTF8.self), to: folder.path + "/etcd/client.key")
            let authority = cluster.pki.etcdCA.identity.certificate
            try folder.write(String(decoding: authority, as: UTF8.self), to: folder.path + "/etcd/ca.crt")
        }
        let settings = Settings(
            kubeconfig: folder.kubeconfig,
            nodes: NodeAccessSettings(fallback: .sandbox(socket: folder.nodes + "/{name}.sock")),
            stateDir: folder.path + "/state",
            policy: PolicySettings(stableSeconds: 1)
        )
        try folder.write(try settings.text(), to: folder.configuration)
        guard let process = ProcessIdentity.current() else {
            throw SandboxError.folder(path: "/proc/self/stat", reason: "it cannot be read")
        }
        let state = SandboxState(
            spec: cluster.spec,
            process: process,
            server: cluster.server,
            apiServers: cluster.layout.apiPorts,
            etcdEndpoints: cluster.layout.etcdEndpoints,
            etcdMembers: cluster.layout.memberPorts
        )
        try state.write(folder)
    }

    private static func answer(
        _ request: JSONValue,
        _ cluster: SandboxCluster,
        _ board: FaultBoard,
        _ stop: Gate
    ) async throws -> JSONValue {
        switch request["request"]?.string {
        case "stop":
            stop.open()
            return true
        case "load":
            let objects = (request["objects"]?.array ?? []).map(KubernetesObject.init)
            return JSONValue(try await ManifestLoader(cluster.access).load(objects))
        case "settle":
            try await cluster.becomeSettled()
            return true
        case "fault": return .integer(Int64(try await board.add(try Fault(request["fault"] ?? .null))))
        case "clear":
            try await board.clear(request["number"]?.int)
            return true
        case "faults":
            return .array(
                await board.list.map { ["number": .integer(Int64($0.number)), "text": .string($0.text)] }
            )
        case "commands": return JSONValue(cluster.commands.lines)
        case "effects": return JSONValue(cluster.killer.log)
        default: throw SandboxError.fault("a sandbox does not know the request \(request["request"]?.text ?? "null")")
        }
    }
}
