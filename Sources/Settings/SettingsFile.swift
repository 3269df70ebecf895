import Foundation
import Yams

extension Settings {
    /// Reads one settings file. Relative paths in it are taken from its folder, and `~/` from the home folder.
    /// - Throws: ``SettingsError``, naming file, line, key and what is accepted there.
    package static func load(
        path: String,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(SettingsError) -> Settings {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            let isMissing = !FileManager.default.fileExists(atPath: path)
            let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
            let other = type == .typeDirectory ? "it is a folder" : error.localizedDescription
            throw .unreadable(path: path, reason: isMissing ? "there is no such file" : other)
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw .malformed(path: path, line: nil, reason: "it is not UTF-8 text")
        }
        return try Settings(parsing: text, path: path, environment: environment)
    }

    /// Reads the text of a settings file that is, or will be, at `path`.
    package init(parsing text: String, path: String, environment: [String: String]) throws(SettingsError) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw SettingsError(error, path: path)
        }
        let folder = URL(filePath: path).absoluteURL.deletingLastPathComponent()
        let file = SettingsFile(path: path, folder: folder, home: environment["HOME"])
        var keys = SettingsKeys(try file.mapping(root, key: nil))
        self.init(
            path: path,
            kubeconfig: try file.filePath(keys.take("kubeconfig"), key: "kubeconfig"),
            context: try file.text(keys.take("context"), key: "context"),
            nodes: try file.nodes(keys.take("nodes")),
            backupDir: try file.filePath(keys.take("backupDir"), key: "backupDir"),
            stateDir: try file.filePath(keys.take("stateDir"), key: "stateDir") ?? "",
            policy: try file.policy(keys.take("policy"))
        )
        try file.refuse(keys, in: nil)
        if stateDir.isEmpty { stateDir = try Self.defaultStateDir(environment: environment) }
    }
}

/// The members of one mapping, and which of them have been asked for.
struct SettingsKeys {
    private var members: [String: (node: Node, line: Int?)] = [:]
    private(set) var accepted: [String] = []

    init(_ mapping: Node.Mapping?) {
        for (key, value) in mapping ?? [:] {
            members[key.string ?? "?"] = (value, key.mark?.line)
        }
    }

    mutating func take(_ key: String) -> Node? {
        accepted.append(key)
        return members.removeValue(forKey: key)?.node
    }

    /// What nobody asked for, in the order of the file.
    var unknown: [(key: String, line: Int?)] {
        members.map { ($0.key, $0.value.line) }.sorted { ($0.1 ?? 0, $0.0) < ($1.1 ?? 0, $1.0) }
    }
}

/// Reads checked values out of one file's YAML; a missing or null node reads as nil.
struct SettingsFile {
    let path: String
    let folder: URL
    let home: String?

    func refuse(_ keys: SettingsKeys, in parent: String?) throws(SettingsError) {
        guard let first = keys.unknown.first else { return }
        let key = parent.map { "\($0).\(first.key)" } ?? first.key
        throw .unknownKey(key, path: path, line: first.line, accepted: keys.accepted)
    }

    func mapping(_ node: Node?, key: String?) throws(SettingsError) -> Node.Mapping? {
        guard let node = present(node) else { return nil }
        guard let mapping = node.mapping else {
            throw wrong(key ?? "the whole file", node, accepted: "a mapping of keys to values")
        }
        return mapping
    }

    func text(_ node: Node?, key: String) throws(SettingsError) -> String? {
        guard let node = present(node) else { return nil }
        guard let text = node.scalar?.string, !text.isEmpty else { throw wrong(key, node, accepted: "a text") }
        return text
    }

    func filePath(_ node: Node?, key: String) throws(SettingsError) -> String? {
        guard let text = try text(node, key: key) else { return nil }
        if text == "~" || text.hasPrefix("~/") {
            guard let home, !home.isEmpty else {
                throw .wrongValue(
                    key: key,
                    path: path,
                    line: node?.mark?.line,
                    found: "'\(text)' while HOME is not set",
                    accepted: "an absolute path"
                )
            }
            return home + text.dropFirst()
        }
        if text.hasPrefix("/") { return text }
        return folder.appending(path: text).standardizedFileURL.path(percentEncoded: false)
    }

    func nodes(_ node: Node?) throws(SettingsError) -> NodeAccessSettings {
        var keys = SettingsKeys(try mapping(node, key: "nodes"))
        var result = NodeAccessSettings()
        if let fallback = keys.take("default") { result.fallback = try access(fallback, key: "nodes.default") }
        if let groups = present(keys.take("groups")) {
            guard let list = groups.sequence else { throw wrong("nodes.groups", groups, accepted: "a list of groups") }
            for (index, value) in list.enumerated() { result.groups.append(try group(value, "nodes.groups[\(index)]")) }
        }
        for (name, value) in try mapping(keys.take("named"), key: "nodes.named") ?? [:] {
            let name = name.string ?? "?"
            result.named[name] = try access(value, key: "nodes.named.\(name)")
        }
        try refuse(keys, in: "nodes")
        return result
    }

    func policy(_ node: Node?) throws(SettingsError) -> PolicySettings {
        var keys = SettingsKeys(try mapping(node, key: "policy"))
        let result = PolicySettings(
            maxUnavailable: try maxUnavailable(keys.take("maxUnavailable"), key: "policy.maxUnavailable"),
            stableSeconds: try wholeNumber(keys.take("stableSeconds"), key: "policy.stableSeconds"),
            drainTimeout: try duration(keys.take("drainTimeout"), key: "policy.drainTimeout"),
            soak: try duration(keys.take("soak"), key: "policy.soak")
        )
        try refuse(keys, in: "policy")
        return result
    }

    private func maxUnavailable(_ node: Node?, key: String) throws(SettingsError) -> String? {
        guard let node = present(node) else { return nil }
        let text = node.scalar?.string ?? ""
        let digits = text.hasSuffix("%") ? text.dropLast() : text[...]
        guard let number = Int(digits), number >= 1, !text.hasSuffix("%") || number <= 100, digits.first != "+" else {
            throw wrong(key, node, accepted: "a number of workers (3), at least 1, or a share of them (20%)")
        }
        return text
    }

    private func wholeNumber(_ node: Node?, key: String) throws(SettingsError) -> Int? {
        guard let node = present(node) else { return nil }
        guard let number = node.int, (0...1_000_000).contains(number) else {
            throw wrong(key, node, accepted: "a whole number of seconds, 0 or more")
        }
        return number
    }

    private func duration(_ node: Node?, key: String) throws(SettingsError) -> Duration? {
        guard let node = present(node) else { return nil }
        do {
            return try DurationText.duration(parsing: node.scalar?.string ?? "")
        } catch {
            throw wrong(key, node, accepted: "a length of time such as 90s, 15m or 1h30m (a bare number is seconds)")
        }
    }

    func present(_ node: Node?) -> Node? {
        guard let node, node.null == nil || node.scalar?.style == .singleQuoted || node.scalar?.style == .doubleQuoted
        else { return nil }
        return node
    }

    func wrong(_ key: String, _ node: Node, accepted: String) -> SettingsError {
        let found =
            switch node {
            case .scalar(let scalar): "'\(scalar.string)'"
            case .mapping: "a mapping"
            case .sequence: "a list"
            case .alias: "an alias"
            }
        return .wrongValue(key: key, path: path, line: node.mark?.line, found: found, accepted: accepted)
    }
}

extension SettingsError {
    /// What Yams says about text that is no YAML, with its line.
    fileprivate init(_ error: any Error, path: String) {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self = .malformed(path: path, line: mark.line, reason: problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let keys = duplicates.joined(separator: ", ")
            self = .malformed(path: path, line: context.mark.line, reason: "given twice: \(keys)")
        default:
            self = .malformed(path: path, line: nil, reason: "\(error)")
        }
    }
}
