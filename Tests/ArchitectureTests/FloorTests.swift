import Foundation
import Testing

/// The table of floors of `docs/architecture.md`, checked against every `import` line: SwiftPM refuses cycles, but not
/// an undeclared import of a room that happens to be built.
@Suite struct `the rooms` {
    /// What each room may import of the others.
    private static let edges: [String: Set<String>] = [
        "KubernetesVersions": [],
        "KubernetesModel": [],
        "Bolt": [],
        "CRC32C": [],
        "Settings": ["KubernetesVersions"],
        "KubernetesClient": ["KubernetesModel"],
        "EtcdRPC": [],
        "Etcd": ["EtcdRPC", "KubernetesModel", "Bolt", "CRC32C"],
        "Nodes": ["KubernetesVersions", "KubernetesModel", "Settings"],
        "Placement": ["KubernetesModel"],
        "Survey": [
            "KubernetesVersions", "KubernetesModel", "Settings", "KubernetesClient", "Etcd", "Nodes", "Placement",
        ],
        "Runs": ["KubernetesModel", "KubernetesClient"],
        "Draining": ["KubernetesModel", "KubernetesClient", "Placement"],
        "Checks": ["KubernetesVersions", "KubernetesModel", "Placement", "Survey", "Draining", "Settings"],
        "Backups": ["KubernetesModel", "KubernetesClient", "Etcd", "Nodes", "Survey", "Runs"],
        "Upgrades": [
            "KubernetesVersions", "KubernetesModel", "Settings", "KubernetesClient", "Etcd", "Nodes", "Placement",
            "Survey", "Runs", "Draining", "Checks", "Backups",
        ],
        "Sandbox": ["KubernetesVersions", "KubernetesModel", "Settings", "Placement", "Nodes", "Etcd", "EtcdRPC"],
        "keelstep": [
            "KubernetesVersions", "KubernetesModel", "Bolt", "Settings", "KubernetesClient", "Etcd", "Nodes",
            "Placement",
            "Survey", "Runs", "Draining", "Checks", "Backups", "Upgrades", "Sandbox",
        ],
    ]

    private static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources")

    private static let rooms: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: sources.path())) ?? []).filter { !$0.hasPrefix(".") }
        .sorted()

    @Test func `are those of the table`() {
        #expect(Self.rooms == Self.edges.keys.sorted())
    }

    @Test(arguments: rooms) func `import only what stands below them`(room: String) throws {
        let allowed = try #require(Self.edges[room])
        for file in try Self.files(of: room) {
            for module in Self.imports(in: try String(contentsOf: file, encoding: .utf8))
            where Self.edges[module] != nil && module != room {
                #expect(allowed.contains(module), "\(room)/\(file.lastPathComponent) imports \(module)")
            }
        }
    }

    /// An edge of the table leads to a room whose own edges it does not come back from.
    @Test func `stand on each other without a circle`() {
        var settled: Set<String> = []
        while let next = Self.edges.first(where: { !settled.contains($0.key) && $0.value.isSubset(of: settled) }) {
            settled.insert(next.key)
        }
        #expect(settled == Set(Self.edges.keys))
    }

    /// A long file is two ideas. Generated code and tables, which the formatter leaves alone too, may be long.
    @Test(arguments: rooms) func `have no file that is too long to read`(room: String) throws {
        for file in try Self.files(of: room) {
            let text = try String(contentsOf: file, encoding: .utf8)
            if text.prefix(2000).contains("swift-format-ignore-file") { continue }
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(lines <= 400, "\(room)/\(file.lastPathComponent) has \(lines) lines")
        }
    }

    private static func files(of room: String) throws -> [URL] {
        let folder = sources.appending(path: room)
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path())
        return paths.filter { $0.hasSuffix(".swift") }.map { folder.appending(path: $0) }
    }

    /// Names of the modules that lines such as `package import Etcd` or `@testable import struct Etcd.Member` name.
    static func imports(in text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            var words = line.split(separator: " ")[...]
            while let word = words.first, word.hasPrefix("@") || accessLevels.contains(String(word)) {
                words.removeFirst()
            }
            guard words.first == "import" else { return nil }
            words.removeFirst()
            if let word = words.first, symbolKinds.contains(String(word)) { words.removeFirst() }
            return words.first?.split(separator: ".").first.map(String.init)
        }
    }

    private static let accessLevels: Set = ["public", "package", "internal", "fileprivate", "private"]
    private static let symbolKinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]

    @Test func `are found in every form of import`() {
        let text = """
            import Etcd
                package import Nodes
            @testable import Runs
            public import struct Survey.ClusterSurvey
            // import Checks
            let important = "import Upgrades"
            """
        #expect(Self.imports(in: text) == ["Etcd", "Nodes", "Runs", "Survey"])
    }
}
