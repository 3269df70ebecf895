package import Foundation

/// What a node is: read once, changed by nothing we do.
package struct NodeFacts: Sendable, Hashable {
    /// `/etc/os-release`: `debian`, `ubuntu`.
    package var distribution: String
    package var distributionVersion: String
    package var prettyName: String
    package var kernel: String
    /// As the kernel says it: `x86_64`, `aarch64`.
    package var machine: String
    package var bootID: String
    package var clock: Date

    package static let commands = [
        NodeFiles.readCommand("/etc/os-release"), Command("uname", "-rm", isReadOnly: true),
        NodeFiles.readCommand("/proc/sys/kernel/random/boot_id"), clockCommand,
    ]

    package static let clockCommand = Command("date", "-u", "+%s", isReadOnly: true)

    /// Reads what ``clockCommand`` prints.
    static func clock(_ text: String) -> Date? {
        Double(text.trimmingCharacters(in: .whitespacesAndNewlines)).map(Date.init(timeIntervalSince1970:))
    }

    package static func read(_ node: RemoteNode) async throws(NodeError) -> NodeFacts {
        var texts: [String] = []
        for command in commands { texts.append(try await node.require(command).text) }
        let release = osRelease(texts[0])
        let names = texts[1].split(whereSeparator: \.isWhitespace).map(String.init)
        guard names.count == 2 else { throw .unreadable(node: node.name, what: "the kernel's name", text: texts[1]) }
        guard let clock = clock(texts[3]) else {
            throw .unreadable(node: node.name, what: "the clock", text: texts[3])
        }
        return NodeFacts(
            distribution: release["ID"] ?? "",
            distributionVersion: release["VERSION_ID"] ?? "",
            prettyName: release["PRETTY_NAME"] ?? "",
            kernel: names[0],
            machine: names[1],
            bootID: texts[2].trimmingCharacters(in: .whitespacesAndNewlines),
            clock: clock
        )
    }

    /// `KEY=value` lines, the value plain or quoted (os-release(5)).
    static func osRelease(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            guard let mark = line.firstIndex(of: "=") else { continue }
            var value = line[line.index(after: mark)...]
            if let quote = value.first, quote == "\"" || quote == "'", value.count >= 2, value.last == quote {
                value = value.dropFirst().dropLast()
            }
            values[String(line[..<mark])] = String(value)
        }
        return values
    }
}

/// Room on a node's file system.
package struct DiskSpace: Sendable, Hashable {
    package var fileSystem: String
    package var availableBytes: Int64
    package var totalBytes: Int64
    package var mountPoint: String

    package static func command(_ path: String) -> Command {
        Command("df", "-P", "-k", path, environment: ["LC_ALL": "C"], isReadOnly: true)
    }

    /// The file system that `path` lies on.
    package static func read(_ node: RemoteNode, at path: String) async throws(NodeError) -> DiskSpace {
        let text = try await node.require(command(path)).text
        guard let space = parse(text).first else {
            throw .unreadable(node: node.name, what: "the free space at \(path)", text: text)
        }
        return space
    }

    /// Reads `df -P -k`: POSIX's table in blocks of 1024 bytes.
    static func parse(_ text: String) -> [DiskSpace] {
        text.split(whereSeparator: \.isNewline).dropFirst().compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            guard fields.count == 6, let total = Int64(fields[1]), let available = Int64(fields[3]),
                total <= Int64.max / 1024, available <= Int64.max / 1024
            else { return nil }
            return DiskSpace(
                fileSystem: String(fields[0]),
                availableBytes: available * 1024,
                totalBytes: total * 1024,
                mountPoint: String(fields[5])
            )
        }
    }
}
