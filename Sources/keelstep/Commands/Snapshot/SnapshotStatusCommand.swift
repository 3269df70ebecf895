import ArgumentParser
import Etcd
import KubernetesModel

struct SnapshotStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say of a snapshot what `etcdutl snapshot status` says: hash, revision, keys and size.",
        discussion: "It checks every page on the way, but neither the SHA-256 nor the rows; `snapshot verify` does."
    )

    enum Form: String, ExpressibleByArgument, CaseIterable {
        case simple, table, json
    }

    @Argument(help: "The snapshot.", completion: .file())
    var file: String

    @Option(name: .shortAndLong, help: "How to show it, by etcdutl's names.")
    var writeOut = Form.simple

    func run() async throws {
        let file = file
        let status = try await offCooperativePool { try DatabaseStatus(StoredDatabase(path: file)) }
        for line in lines(status) { Terminal.standard.print(line) }
    }

    private func lines(_ status: DatabaseStatus) -> [String] {
        let hash = String(status.hash, radix: 16)
        switch writeOut {
        case .simple:
            return ["\(hash), \(status.revision), \(status.totalKey), \(ByteText.text(status.totalSize))"]
        case .table:
            return TextTable.lines(
                header: ["HASH", "REVISION", "TOTAL KEYS", "TOTAL SIZE"],
                rows: [[hash, "\(status.revision)", "\(status.totalKey)", ByteText.text(status.totalSize)]]
            )
        case .json:
            let value: JSONValue = [
                "hash": .integer(Int64(status.hash)), "revision": .integer(status.revision),
                "totalKey": .integer(Int64(clamping: status.totalKey)),
                "totalSize": .integer(Int64(clamping: status.totalSize)),
            ]
            return [value.text]
        }
    }
}
