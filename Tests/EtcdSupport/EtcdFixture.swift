package import Etcd
import Foundation
package import Sandbox
package import Testing

/// A folder for one test, gone with everything in it when the test ends.
package struct TemporaryFolder {
    package let path: String

    package init() throws {
        // In memory where there is such a folder: members flush to the disk at every write.
        let root = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm/" : NSTemporaryDirectory()
        path = root + "keelstep-test-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    package func remove() { try? FileManager.default.removeItem(atPath: path) }

    package func entries(_ folder: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/" + folder).sorted()
    }
}

/// Real members, ended with the test whatever happens in it.
package struct EtcdFixture: Sendable {
    package let folder: String
    package let pki: SandboxPKI
    package let cluster: EtcdCluster

    package static func with<Value: Sendable>(
        members: Int = 1,
        quota: Int64? = nil,
        binary: EtcdBinary? = nil,
        _ body: @Sendable (EtcdFixture) async throws -> Value
    ) async throws -> Value {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let nodes = (1...members).map { "cp-\($0)" }
        let pki = try SandboxPKI(.init(controlPlanes: nodes, endpoint: "https://127.0.0.1:6443"))
        let cluster = try EtcdCluster(
            folder: folder.path,
            nodes: nodes,
            pki: pki,
            binary: try binary ?? .find(),
            quota: quota
        )
        try await cluster.start()
        do {
            let value = try await body(EtcdFixture(folder: folder.path, pki: pki, cluster: cluster))
            await cluster.kill()
            return value
        } catch {
            await cluster.kill()
            throw error
        }
    }

    package func client<Value: Sendable>(
        _ index: Int = 0,
        timeout: Duration = .seconds(10),
        _ body: @Sendable (EtcdClient) async throws -> Value
    ) async throws -> Value {
        let member = cluster.members[index]
        return try await EtcdClient.with(
            endpoint: member.endpoint,
            tls: member.tls,
            member: member.name,
            timeout: timeout,
            body
        )
    }
}

extension Trait where Self == ConditionTrait {
    /// The test starts real etcd processes.
    package static var requiresEtcd: Self {
        .enabled("needs an etcd server: see KEELSTEP_ETCD") { (try? EtcdBinary.find()) != nil }
    }
}

/// Waits until `condition` holds, or fails after `limit`.
package func eventually(
    within limit: Duration = .seconds(20),
    _ what: String,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, "not within \(limit): \(what)")
        try await Task.sleep(for: .milliseconds(10))
    }
}
