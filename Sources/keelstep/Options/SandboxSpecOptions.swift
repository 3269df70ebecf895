import ArgumentParser
import KubernetesVersions
import Sandbox

extension SandboxSpec.StorageKind: ExpressibleByArgument {}
extension SandboxSpec.RepositoryStyle: ExpressibleByArgument {}

/// What `sandbox up` and the daemon behind it are told of the cluster.
struct SandboxSpecOptions: ParsableArguments {
    @OptionGroup var sandbox: SandboxOptions

    @Option(name: .customLong("control-planes"), help: "Control-plane nodes, 1 to 7.")
    var controlPlanes = 3

    @Option(help: "Workers.")
    var workers = 5

    @Option(help: "The Kubernetes version to start at.", transform: { try KubernetesVersion(parsing: $0) })
    var version = KubernetesVersion(1, 31, 4)

    @Option(help: "Divides the durations of workloads and nodes.")
    var speed: Double = 20

    @Option(help: "Where objects are kept: etcd (real members) or memory.")
    var storage: SandboxSpec.StorageKind = .etcd

    @Option(help: "The emulated package repositories: per-minor or flat.")
    var repository: SandboxSpec.RepositoryStyle = .perMinor

    func spec() throws -> SandboxSpec {
        try SandboxSpec(
            name: sandbox.name,
            controlPlanes: controlPlanes,
            workers: workers,
            version: version,
            speed: speed,
            storage: storage,
            repository: repository
        )
    }

    func validate() throws {
        do { _ = try spec() } catch { throw ValidationError("\(error)") }
    }
}
