package import KubernetesVersions

/// What a sandbox is made of: the words of `keelstep sandbox up`.
package struct SandboxSpec: Sendable, Hashable, Codable {
    package enum StorageKind: String, Sendable, Hashable, Codable, CaseIterable {
        /// A real etcd process for each control-plane node.
        case etcd
        /// One store in the daemon's memory: for pure tests, benchmarks and large clusters.
        case memory
    }

    package enum RepositoryStyle: String, Sendable, Hashable, Codable, CaseIterable {
        /// `…/core:/stable:/v1.31/deb/`, one minor each, as pkgs.k8s.io serves them.
        case perMinor = "per-minor"
        /// One repository with every version, as a private mirror has it.
        case flat
    }

    package var name: String
    package var controlPlanes: Int
    package var workers: Int
    package var version: KubernetesVersion
    /// Divides the durations of workloads and nodes.
    package var speed: Double
    package var storage: StorageKind
    package var repository: RepositoryStyle

    /// - Throws: ``SandboxError/badSpec(_:)`` saying which word is out of its range.
    package init(
        name: String = "sandbox",
        controlPlanes: Int = 3,
        workers: Int = 5,
        version: KubernetesVersion = KubernetesVersion(1, 31, 4),
        speed: Double = 20,
        storage: StorageKind = .etcd,
        repository: RepositoryStyle = .perMinor
    ) throws(SandboxError) {
        guard Self.isName(name) else {
            throw .badSpec("'\(name)' is no sandbox name: use up to 32 lower-case letters, digits and hyphens")
        }
        guard (1...7).contains(controlPlanes) else {
            throw .badSpec("--control-planes is \(controlPlanes); a sandbox has 1 to 7 control-plane nodes")
        }
        guard (0...10_000).contains(workers) else {
            throw .badSpec("--workers is \(workers); a sandbox has 0 to 10000 workers")
        }
        guard ReleaseCatalogue.exists(version) else {
            throw .badSpec(
                "a sandbox does not know \(version); it knows \(ReleaseCatalogue.range(around: version.minorVersion))"
            )
        }
        guard speed.isFinite, (1...1000).contains(speed) else {
            throw .badSpec("--speed is \(speed); it is a factor from 1 to 1000")
        }
        self.name = name
        self.controlPlanes = controlPlanes
        self.workers = workers
        self.version = version
        self.speed = speed
        self.storage = storage
        self.repository = repository
    }

    private static func isName(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count) && text.first != "-" && text.last != "-"
            && text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
            }
    }

    package var controlPlaneNames: [String] { (1...controlPlanes).map { "cp-\($0)" } }
    package var workerNames: [String] { workers == 0 ? [] : (1...workers).map { "worker-\($0)" } }
}
