import Backups
import Etcd
import EtcdSupport
import Foundation
import KubernetesModel
import Nodes
import Sandbox
import Testing

private struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

private let taken = Date(timeIntervalSince1970: 1_800_000_000)

private func description(_ label: String, run: String? = "r1", at time: Date = taken) -> BackupDescription {
    BackupDescription(cluster: "c0ffee", run: run, label: label, taken: time, versions: ["kubelet cp-1": "v1.31.4"])
}

/// Real members behind fake nodes.
private struct Ground: Sendable {
    let etcd: EtcdFixture
    let nodes: [FakeNode]
    let folder: BackupFolder

    static func with(members: Int, _ body: @Sendable (Ground) async throws -> Void) async throws {
        try await EtcdFixture.with(members: members) { etcd in
            var nodes: [FakeNode] = []
            for member in etcd.cluster.members {
                var files = try etcd.pki.files(of: member.name)
                files["/etc/kubernetes/manifests/etcd.yaml"] = Array("kind: Pod\n".utf8)
                files["/etc/kubernetes/tmp/kubeadm-backup-etcd/member/snap/db"] = [1, 2, 3]
                files["/var/lib/kubelet/config.yaml"] = Array("kind: KubeletConfiguration\n".utf8)
                files["/var/lib/kubelet/kubeadm-flags.env"] = Array("KUBELET_KUBEADM_ARGS=\"\"\n".utf8)
                files["/etc/passwd"] = Array("root".utf8)
                nodes.append(
                    FakeNode(
                        name: member.name,
                        files: files,
                        etcdPort: member.configuration.clientPort,
                        sockets: etcd.folder
                    )
                )
            }
            let folder = BackupFolder(stateDir: etcd.folder + "/state", clusterUID: "c0ffee")
            try await body(Ground(etcd: etcd, nodes: nodes, folder: folder))
        }
    }
}

@Suite(.serialized, .requiresEtcd, .timeLimit(.minutes(2))) struct `a backup set` {
    @Test func `holds etcd, a node's files and objects, and proves itself`() async throws {
        try await Ground.with(members: 1) { ground in
            let set = try await ground.folder.take(description("hop-1-cp-1")) { writer in
                _ = try await SnapshotBackup(from: ground.nodes.map(\.remote)).add(to: writer)
                try await NodeFilesBackup(ground.nodes[0].remote).add(to: writer)
                let map = KubernetesObject(.configMaps, namespace: "kube-system", name: "kubeadm-config")
                try await ObjectsBackup([map]).add(to: writer)
                // While it is being written there is no set.
                #expect(try ground.folder.sets().isEmpty)
            }
            try await set.verify()
            #expect(try ground.folder.sets() == [set])
            #expect(try ground.folder.set(run: "r1", label: "hop-1-cp-1") == set)
            #expect(try ground.folder.set(run: "r2", label: "hop-1-cp-1") == nil)
            #expect(set.path.hasSuffix("/state/c0ffee/backups/2027-01-15T08-00-00Z-hop-1-cp-1"))

            let names = set.index.parts.map(\.name)
            #expect(names.contains("etcd/cp-1.db") && names.contains("objects/configmaps.json"))
            #expect(names.contains("nodes/cp-1/files/etc/kubernetes/pki/etcd/ca.key"))
            #expect(names.contains("nodes/cp-1/files/var/lib/kubelet/kubeadm-flags.env"))
            #expect(names.contains("nodes/cp-1/packages"))
            #expect(!names.contains { $0.contains("/tmp/") || $0.contains("passwd") })
            let key = try Data(contentsOf: URL(filePath: "\(set.path)/nodes/cp-1/files/etc/kubernetes/pki/sa.key"))
            #expect(Array(key) == ground.nodes[0].files["/etc/kubernetes/pki/sa.key"])
            let packages = try String(contentsOfFile: "\(set.path)/nodes/cp-1/packages", encoding: .utf8)
            #expect(packages == "kubeadm 1.31.4-1.1 hold\nkubectl 1.31.4-1.1\nkubelet 1.31.4-1.1 hold\n")

            for case let name as String in try #require(FileManager.default.enumerator(atPath: set.path)) {
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(set.path)/\(name)")
                let mode = try #require(attributes[.posixPermissions] as? Int)
                #expect(mode == (attributes[.type] as? FileAttributeType == .typeDirectory ? 0o700 : 0o600), "\(name)")
            }
        }
    }

    @Test func `names every file that is changed, missing or not its own`() async throws {
        try await Ground.with(members: 1) { ground in
            let set = try await ground.folder.take(description("all")) { writer in
                _ = try await SnapshotBackup(from: ground.nodes.map(\.remote)).add(to: writer)
                try await NodeFilesBackup(ground.nodes[0].remote).add(to: writer)
            }
            let database = "\(set.path)/etcd/cp-1.db"
            var bytes = try Data(contentsOf: URL(filePath: database))
            bytes[bytes.count / 2] ^= 1
            try bytes.write(to: URL(filePath: database))
            try FileManager.default.removeItem(atPath: "\(set.path)/nodes/cp-1/packages")
            try Data("x".utf8).write(to: URL(filePath: "\(set.path)/stray"))
            let error = await #expect(throws: BackupError.self) { try await set.verify() }
            guard case .damaged(_, let problems) = error else { throw Unexpected("\(String(describing: error))") }
            #expect(
                problems == [
                    "etcd/cp-1.db has another SHA-256 than when it was taken", "nodes/cp-1/packages is missing",
                    "stray does not belong to it",
                ]
            )
        }
    }

    @Test func `takes its snapshot from a healthy member, and says why not from the others`() async throws {
        try await Ground.with(members: 3) { ground in
            await ground.etcd.cluster.members[0].stop()
            let set = try await ground.folder.take(description("one-away")) { writer in
                let record = try await SnapshotBackup(from: ground.nodes.map(\.remote)).add(to: writer)
                #expect(record.path.hasSuffix("/etcd/cp-2.db"))
            }
            try await set.verify()
            await ground.etcd.cluster.members[1].stop()
            var nodes = ground.nodes
            nodes[1].etcdPort = nil
            let asked = nodes.map(\.remote)
            let error = await #expect(throws: BackupError.self) {
                try await ground.folder.take(description("none")) { writer in
                    _ = try await SnapshotBackup(from: asked).add(to: writer)
                }
            }
            guard case .noHealthyMember(let troubles) = error else { throw Unexpected("\(String(describing: error))") }
            #expect(troubles.keys.sorted() == ["cp-1", "cp-2", "cp-3"], "\(troubles)")
            #expect(try ground.folder.sets() == [set])
            #expect(try FileManager.default.contentsOfDirectory(atPath: ground.folder.path).count == 1)
        }
    }

    @Test func `believes no node whose files would need more room than there is`() async throws {
        let temporary = try TemporaryFolder()
        defer { temporary.remove() }
        let huge = "600 \(Int64.max) /etc/kubernetes/a\n600 \(Int64.max) /etc/kubernetes/b\n600 -5 /etc/kubernetes/c\n"
        let node = FakeNode(name: "cp-1", files: [:], pretended: huge, sockets: "/nonexistent").remote
        let error = await #expect(throws: BackupError.self) {
            try await BackupFolder(path: temporary.path).take(description("x")) { writer in
                try await NodeFilesBackup(node).add(to: writer)
            }
        }
        guard case .noRoom(_, .max, _) = error else { throw Unexpected("\(String(describing: error))") }
        #expect(try temporary.entries().isEmpty)
    }

    @Test(.enabled("needs root, to mount a small tmpfs") { SmallDisk.isPossible })
    func `says beforehand that there is no room, and leaves nothing`() async throws {
        let disk = try SmallDisk(bytes: 2 << 20)
        defer { disk.remove() }
        try await Ground.with(members: 1) { ground in
            let folder = BackupFolder(path: disk.path + "/backups")
            let error = await #expect(throws: BackupError.self) {
                try await folder.take(description("full")) { writer in
                    _ = try await SnapshotBackup(from: ground.nodes.map(\.remote)).add(to: writer)
                }
            }
            guard case .noRoom(_, let needed, let free) = error else {
                throw Unexpected("\(String(describing: error))")
            }
            #expect(needed > 16 << 20 && free <= 2 << 20)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
            #expect((await SnapshotBackup(from: ground.nodes.map(\.remote)).neededBytes() ?? 0) > 16 << 20)
        }
    }
}

@Suite struct `a backup folder` {
    private func node(_ files: [String: [UInt8]], pretended: String? = nil) -> RemoteNode {
        FakeNode(name: "cp-1", files: files, pretended: pretended, sockets: "/nonexistent").remote
    }

    @Test func `never lists what was left half-written, and removes it at the next chance`() async throws {
        let temporary = try TemporaryFolder()
        defer { temporary.remove() }
        let folder = BackupFolder(path: temporary.path + "/backups")
        struct Interrupted: Error {}
        await #expect(throws: Interrupted.self) {
            try await folder.take(description("broken")) { writer in
                try await writer.add([1], name: "a", kind: .objects)
                throw Interrupted()
            }
        }
        #expect(try folder.sets().isEmpty && temporary.entries("backups").isEmpty)

        let left = folder.path + "/.2027-01-15T08-00-00Z-killed.99999999.partial"
        try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
        try Data("{}".utf8).write(to: URL(filePath: left + "/index.json"))
        #expect(try folder.sets().isEmpty)
        let first = try await folder.take(description("first")) { outer in
            // A set that another task is writing is not taken for one that was left.
            _ = try await folder.take(description("second", at: taken + 60)) { inner in
                try await inner.add([2], name: "b", kind: .objects)
            }
            try await outer.add([1], name: "a", kind: .objects)
        }
        #expect(try folder.sets().map(\.index.description.label) == ["first", "second"])
        #expect(try temporary.entries("backups").count == 2)
        try await first.verify()
    }

    @Test func `takes a set at any fraction of a second, and finds it unchanged`() async throws {
        let temporary = try TemporaryFolder()
        defer { temporary.remove() }
        let folder = BackupFolder(path: temporary.path)
        let set = try await folder.take(description("now", at: taken.addingTimeInterval(0.75))) {
            try await $0.add([1], name: "a", kind: .objects)
        }
        try await set.verify()
        #expect(try folder.set(run: "r1", label: "now") == set)
        #expect(set.path.hasSuffix("/2027-01-15T08-00-00Z-now"))
    }

    @Test func `refuses an empty set, and a second one of the same time and label`() async throws {
        let temporary = try TemporaryFolder()
        defer { temporary.remove() }
        let folder = BackupFolder(path: temporary.path)
        await #expect(throws: BackupError.self) { try await folder.take(description("empty")) { _ in } }
        let set = try await folder.take(description("one")) { try await $0.add([1], name: "a", kind: .objects) }
        await #expect(throws: BackupError.self) {
            try await folder.take(description("one")) { try await $0.add([2], name: "a", kind: .objects) }
        }
        try await set.verify()
        #expect(try temporary.entries().count == 1)
    }

    @Test(arguments: ["../a", "/a", "a/../../b", "a//b", "", "index.json", "."])
    func `takes no part that would lie outside of it`(name: String) async throws {
        let temporary = try TemporaryFolder()
        defer { temporary.remove() }
        await #expect(throws: BackupError.self) {
            try await BackupFolder(path: temporary.path).take(description("x")) { writer in
                try await writer.add([1], name: name, kind: .objects)
            }
        }
        #expect(try temporary.entries().isEmpty)
    }

    @Test(arguments: ["600 4 /etc/shadow\n", "600 4 /etc/kubernetes/../shadow\n", "600 4 /etc/kubernetesque\n"])
    func `takes no file that a node was not asked for`(line: String) async throws {
        let temporary = try TemporaryFolder()
        defer { temporary.remove() }
        let node = node(["/etc/shadow": [1]], pretended: line)
        let error = await #expect(throws: BackupError.self) {
            try await BackupFolder(path: temporary.path).take(description("x")) { writer in
                try await NodeFilesBackup(node).add(to: writer)
            }
        }
        guard case .strangePath = error else { throw Unexpected("\(String(describing: error))") }
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"format":2}"#,
        #"{"description":{"cluster":"c","label":"l","taken":"2027-01-15T08:00:00Z","versions":{}},"format":1,"#
            + #""parts":[{"bytes":1,"kind":"objects","name":"../x","sha256":"00"}]}"#,
    ]) func `says what is wrong with an index it cannot read`(text: String) throws {
        let temporary = try TemporaryFolder()
        defer { temporary.remove() }
        try FileManager.default.createDirectory(atPath: temporary.path + "/set", withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: temporary.path + "/set/index.json"))
        let error = #expect(throws: BackupError.self) { try BackupFolder(path: temporary.path).sets() }
        guard case .badIndex = error else { throw Unexpected("\(String(describing: error))") }
    }

    @Test func `knows how much room there is, also where nothing is yet`() throws {
        let there = try #require(FreeSpace.available(at: "/tmp"))
        #expect(there > 0 && FreeSpace.available(at: "/tmp/none/of/these") != nil)
        #expect(throws: BackupError.self) { try FreeSpace.require(.max, at: "/tmp") }
        try FreeSpace.require(1, at: "/tmp")
    }
}
