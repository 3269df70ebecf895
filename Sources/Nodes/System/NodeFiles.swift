/// Files of a node.
package struct NodeFiles: Sendable {
    package let node: RemoteNode

    package init(_ node: RemoteNode) { self.node = node }

    package struct Entry: Sendable, Hashable {
        package var path: String
        /// Permission bits.
        package var mode: Int
        package var size: Int64
    }

    /// The text of a file; nil when there is none.
    package func read(_ path: String) async throws(NodeError) -> String? {
        try await bytes(path, isSecret: false).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes of a file; nil when there is none. A secret one is never shown.
    package func bytes(_ path: String, isSecret: Bool) async throws(NodeError) -> [UInt8]? {
        let command = Self.readCommand(path, isSecret: isSecret)
        let result = try await node.run(command)
        if result.succeeded { return result.output }
        if result.errorText.contains("No such file or directory") { return nil }
        throw NodeError(node: node.name, command: command, result: result)
    }

    package static func readCommand(_ path: String, isSecret: Bool = false) -> Command {
        Command("cat", path, environment: ["LC_ALL": "C"], isSecret: isSecret, isReadOnly: true)
    }

    /// Regular files below `folder`, outside of the folders named in `except`, sorted by path; none when it is absent.
    package func list(_ folder: String, except: [String] = []) async throws(NodeError) -> [Entry] {
        let command = Self.listCommand(folder, except: except)
        let result = try await node.run(command)
        if !result.succeeded && !result.errorText.contains("No such file or directory") {
            throw NodeError(node: node.name, command: command, result: result)
        }
        return Self.parse(result.text).sorted { $0.path < $1.path }
    }

    package static func listCommand(_ folder: String, except: [String] = []) -> Command {
        let pruned = except.flatMap { ["-path", $0, "-prune", "-o"] }
        return Command(
            arguments: ["find", folder] + pruned + ["-type", "f", "-printf", "%m %s %p\\n"],
            environment: ["LC_ALL": "C"],
            isReadOnly: true
        )
    }

    /// Reads lines of mode (octal), size and path.
    static func parse(_ text: String) -> [Entry] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 2)
            guard fields.count == 3, let mode = Int(fields[0], radix: 8), let size = Int64(fields[1]) else {
                return nil
            }
            return Entry(path: String(fields[2]), mode: mode, size: size)
        }
    }

    /// Writes a file that only root reads, whole or not at all, making its folder.
    package static func writeCommands(_ text: String, to path: String) -> [Command] {
        let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        return [
            Command("install", "-d", "-m", "0700", String(folder)),
            Command("install", "-m", "0600", "/dev/stdin", "\(path).new", input: Array(text.utf8)),
            Command("mv", "-f", "-T", "\(path).new", path),
        ]
    }
}
