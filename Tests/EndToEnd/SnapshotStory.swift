import Etcd
import EtcdSupport
import Foundation
import Testing

extension EndToEnd {
    /// `keelstep snapshot` on files of a real member, sound and damaged.
    @Suite(.requiresEtcd, .requiresEtcdTools, .timeLimit(.minutes(3))) struct `a snapshot file` {
        private static func withSnapshot(_ body: @Sendable (TemporaryFolder, String) async throws -> Void) async throws
        {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let path = folder.path + "/db"
            try await EtcdFixture.with { etcd in
                try await etcd.client { client in
                    try await client.put("/registry/pods/shop/web-0", Array("k8s\0".utf8))
                    try await client.put("/registry/example.com/widgets/shop/a", Array(#"{"kind":"Widget"}"#.utf8))
                    try await client.put("/registry/secrets/shop/key", Array("k8s:enc:aescbc:v1:key1:xyz".utf8))
                    for index in 0..<200 {
                        try await client.put("/registry/configmaps/shop/c-\(index)", [UInt8](repeating: 65, count: 900))
                    }
                    _ = try await client.snapshot(to: path)
                }
            }
            try await body(folder, path)
        }

        @Test func `that is sound is told in three forms, as etcdutl tells it in one`() async throws {
            try await Self.withSnapshot { folder, path in
                let keelstep = Program.keelstep()
                let table = try await keelstep.run("snapshot", "verify", path)
                expect(table)
                #expect(table.errors.isEmpty)
                for line in ["Kind", "HashKV", "Revisions", "Member", "Encrypted", "configmaps", "widgets.example.com"]
                {
                    #expect(table.output.contains("\n\(line)"), "\(table)")
                }
                let json = try await keelstep.run("snapshot", "verify", path, "-o", "json")
                expect(json)
                struct Report: Decodable {
                    struct Encrypted: Decodable, Equatable {
                        var provider: String
                        var key: String
                        var keys: Int
                    }
                    var sound: Bool
                    var kind: String
                    var hash: UInt32
                    var totalKey: Int
                    var totalSize: Int
                    var encrypted: [Encrypted]
                    var damageCount: Int
                }
                let report = try JSONDecoder().decode(Report.self, from: Data(json.output.utf8))
                #expect(report.sound && report.kind == "snapshot" && report.damageCount == 0)
                #expect(report.encrypted == [.init(provider: "aescbc", key: "key1", keys: 1)])
                let yaml = try await keelstep.run("snapshot", "verify", path, "-o", "yaml")
                expect(yaml)
                #expect(yaml.output.contains("hash: \(report.hash)\n"))
                // The same member and the same words.
                let status = try await keelstep.run("snapshot", "status", path, "-w", "json")
                expect(status)
                #expect(status.output == (try await EtcdTools.etcdutl("snapshot", "status", path, "-w", "json")))
                let simple = try await keelstep.run("snapshot", "status", path)
                #expect(simple.output == (try await EtcdTools.etcdutl("snapshot", "status", path)))
            }
        }

        @Test func `that is damaged is told by page, and the exit code is 1`() async throws {
            try await Self.withSnapshot { folder, path in
                let keelstep = Program.keelstep()
                let whole = try Data(contentsOf: URL(filePath: path))
                func damaged(_ name: String, _ change: (inout Data) -> Void) throws -> String {
                    var bytes = whole
                    change(&bytes)
                    let path = "\(folder.path)/\(name)"
                    try bytes.write(to: URL(filePath: path))
                    return path
                }
                // What the first meta page says of the root's page.
                let root = whole[32..<40].reversed().reduce(0) { $0 << 8 | Int($1) }
                let value = try #require(whole.range(of: Data(repeating: 65, count: 900)))
                let cases: [(path: String, line: String)] = [
                    (try damaged("flipped") { $0[value.lowerBound] ^= 1 }, "a byte of the file has changed"),
                    (try damaged("cut") { $0.removeLast(5000) }, "bytes were cut off"),
                    (try damaged("uneven") { $0.removeLast(7) }, "bytes were lost or added at its end"),
                    (
                        try damaged("page") { $0[root * 4096 + 8] = 0x77 },
                        "page \(root) is of no known kind (flags 0x77)"
                    ),
                    (try damaged("empty") { $0 = Data() }, "this is no bbolt database"),
                    (
                        try damaged("text") { $0 = Data(String(repeating: "x", count: 9000).utf8) },
                        "this is no bbolt database"
                    ),
                ]
                for (path, line) in cases {
                    let outcome = try await keelstep.run("snapshot", "verify", path)
                    expect(outcome, code: 1)
                    #expect(outcome.errors.contains("keelstep: \(path): "), "\(outcome)")
                    #expect(outcome.errors.contains(line), "\(outcome)")
                    #expect(outcome.errors.contains("take another snapshot"), "\(outcome)")
                    let json = try await keelstep.run("snapshot", "verify", path, "-o", "json")
                    expect(json, code: 1)
                    #expect(json.output.contains("\"sound\": false"), "\(json)")
                }
            }
        }

        @Test func `that cannot be read is an error, and no file a misuse`() async throws {
            let keelstep = Program.keelstep()
            let missing = try await keelstep.run("snapshot", "verify", "/nonexistent/db")
            expect(missing, code: 1)
            #expect(missing.errors == "keelstep: cannot read /nonexistent/db: No such file or directory\n")
            let folder = try await keelstep.run("snapshot", "verify", "/")
            expect(folder, code: 1)
            #expect(folder.errors == "keelstep: cannot read /: it is no plain file\n")
            expect(try await keelstep.run("snapshot", "verify"), code: 2)
            expect(try await keelstep.run("snapshot", "status", "/nonexistent/db"), code: 1)
        }
    }
}
