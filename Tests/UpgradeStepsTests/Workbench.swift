import Backups
import EtcdSupport
import Foundation
import KubernetesClient
import KubernetesVersions
import Nodes
import Runs
import Synchronization
import Testing

@testable import Upgrades

/// A step of a run, with what it needs and no cluster: nothing here may ask the API.
struct Workbench: Sendable {
    static let from = KubernetesVersion(1, 31, 4)
    static let to = KubernetesVersion(1, 32, 6)

    let folder: BackupFolder
    let client: KubernetesClient
    private let notices = Notices()

    private final class Notices: Sendable {
        let all = Mutex([StepNotice]())
    }

    /// What steps noted of their backups.
    var backups: [BackupRecord] {
        notices.all.withLock(\.self).compactMap { if case .backup(let record) = $0 { record } else { nil } }
    }

    /// What steps said they wait for.
    var progress: [String] {
        notices.all.withLock(\.self).compactMap { if case .progress(let text) = $0 { text } else { nil } }
    }

    static func with(_ body: @escaping @Sendable (Workbench, TemporaryFolder) async throws -> Void) async throws {
        let temporary = try TemporaryFolder()
        defer { temporary.remove() }
        try await KubernetesClient.with(KubeConfiguration(server: "http://127.0.0.1:1"), options: ClientOptions()) {
            let folder = BackupFolder(stateDir: temporary.path, clusterUID: "c0ffee")
            try await body(Workbench(folder: folder, client: $0), temporary)
        }
    }

    /// A step's work; the node's manifests name the version `image`, and kubeadm runs there as `processes`.
    func work(
        run: String = "r1",
        hop: Int = 1,
        node: String? = nil,
        manifests image: KubernetesVersion = Self.from,
        kubeadm processes: [Int] = []
    ) -> StepWork {
        let hop = Hop(number: hop, from: Self.from, to: Self.to, stages: [])
        let plan = UpgradePlan(clusterUID: "c0ffee", target: Self.to, hops: [hop], skipped: [:], policy: PlanPolicy())
        let record = RunRecord(
            run: run,
            state: .running,
            title: "",
            startedAt: "",
            who: "me",
            toolVersion: "",
            plan: []
        )
        return StepWork(
            label: StepLabel(id: "s", title: "back up", node: node, deadline: .seconds(60)),
            hop: hop,
            environment: UpgradeEnvironment(
                run: run,
                plan: plan,
                client: client,
                record: RunRecordKeeper(record, client: client),
                backups: folder,
                transport: { _ in ManifestNode(version: image, processes: processes) }
            )
        )
    }

    func context(run: String = "r1", wasPerformed: Bool = false, at second: TimeInterval = 0) -> StepContext {
        StepContext(
            run: run,
            wasPerformed: wasPerformed,
            deadline: Deadline(in: .seconds(60), clock: .continuous),
            now: { Date(timeIntervalSince1970: 1_800_000_000.5 + second) },
            sink: { [notices] notice in notices.all.withLock { $0.append(notice) } }
        )
    }
}

/// A control-plane node that has nothing but manifests, and perhaps a kubeadm that runs.
private struct ManifestNode: Transport {
    let version: KubernetesVersion
    let processes: [Int]

    func login() async throws(TransportError) -> NodeLogin { NodeLogin(user: "root", sudo: .root) }

    func run(_ command: Command) async throws(TransportError) -> CommandResult {
        if command.program == "pgrep" {
            let lines = processes.map { "\($0)\n" }.joined()
            return CommandResult(exitCode: processes.isEmpty ? 1 : 0, output: lines)
        }
        guard command.program == "cat" else { return CommandResult(exitCode: 127) }
        let path = command.arguments.last ?? ""
        guard let component = StaticPodManifests.Component.allCases.first(where: { $0.path == path }),
            component != .etcd
        else { return CommandResult(exitCode: 1, output: "", errorOutput: "No such file or directory") }
        let manifest = """
            apiVersion: v1
            kind: Pod
            spec:
              containers:
              - image: registry.k8s.io/\(component.rawValue):\(version)
            """
        return CommandResult(exitCode: 0, output: manifest)
    }

    func withForwardedPort<Value: Sendable>(
        host: String,
        port: Int,
        _ body: @Sendable (String) async throws -> Value
    ) async throws -> Value { throw TransportError.unreachable(node: "cp-1", reason: "it has no ports") }
}
