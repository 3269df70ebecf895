package import KubernetesVersions

/// Debian's and Ubuntu's packages.
package struct APT: PackageManager {
    package let node: RemoteNode

    package init(_ node: RemoteNode) { self.node = node }

    /// The one source of Kubernetes packages, found by what it says and not by its name.
    package func source() async throws(NodeError) -> AptSource {
        // find complains about a missing /etc/apt/sources.list and lists the rest all the same.
        let files = try await node.run(Self.listSources).text.split(whereSeparator: \.isNewline)
            .filter { $0.hasSuffix(".list") || $0.hasSuffix(".sources") }
        var found: [AptSource] = []
        for file in files.sorted() {
            let text = try await NodeFiles(node).read(String(file)) ?? ""
            if let source = AptSource(path: String(file), text: text) { found.append(source) }
        }
        guard let source = found.first else { throw .noRepository(node: node.name) }
        guard found.count == 1 else { throw .severalRepositories(node: node.name, files: found.map(\.path)) }
        if source.kind == .legacy { throw .legacyRepository(node: node.name, file: source.path) }
        return source
    }

    package func offers(of package: String, in minor: MinorVersion) async throws(NodeError) -> [KubernetesVersion] {
        let source = try await source()
        let folder = "\(Self.scratch)/apt-" + (0..<12).map { _ in String(UInt8.random(in: 0...15), radix: 16) }.joined()
        let commands = Self.offerCommands(source, in: minor, of: package, folder: folder)
        let outcome: Result<CommandResult, NodeError>
        do {
            try await node.require(commands.prepare)
            try await node.require(commands.update)
            outcome = .success(try await node.require(commands.ask))
        } catch { outcome = .failure(error) }
        let cleaned: Result<CommandResult, NodeError>
        do { cleaned = .success(try await node.require(commands.cleanUp)) } catch { cleaned = .failure(error) }
        let madison = Madison(try outcome.get().text)
        _ = try cleaned.get()
        return madison.versions(of: package).filter { $0.minorVersion == minor }
    }

    package func switchRepository(to minor: MinorVersion) async throws(NodeError) {
        let source = try await source()
        try await node.require(Self.switchCommands(source, to: minor))
        try await node.require(Self.updateCommand(source))
    }

    /// The versions the node's own lists offer now, ascending.
    package func listed(_ package: String) async throws(NodeError) -> [KubernetesVersion] {
        Madison(try await node.require(Self.madisonCommand([package])).text).versions(of: package)
    }

    /// Finds the exact package version of each package in the node's lists.
    /// - Throws: ``NodeError/notOffered(node:package:version:offered:)`` when there is none.
    package func revisions(
        of packages: [String],
        _ version: KubernetesVersion
    ) async throws(NodeError) -> [String: String] {
        let madison = Madison(try await node.require(Self.madisonCommand(packages)).text)
        var revisions: [String: String] = [:]
        for package in packages {
            guard let revision = madison.revision(of: package, version) else {
                throw .notOffered(
                    node: node.name,
                    package: package,
                    version: version,
                    offered: madison.versions(of: package)
                )
            }
            revisions[package] = revision
        }
        return revisions
    }

    package func install(_ packages: [String], _ version: KubernetesVersion) async throws(NodeError) {
        try await install(packages, version, allowDowngrade: false)
    }

    package func install(
        _ packages: [String],
        _ version: KubernetesVersion,
        allowDowngrade: Bool
    ) async throws(NodeError) {
        if try await status(of: packages).contains(where: \.isHalfDone) {
            try await node.require(Self.configureCommand)
        }
        let revisions = try await revisions(of: packages, version)
        // What a killed installation noted counts as held: apt may have lifted it since.
        let held = try await holds().union(try await pendingHolds()).intersection(packages)
        do {
            try await node.require(Self.installCommands(revisions, held: held.sorted(), allowDowngrade: allowDowngrade))
        } catch {
            // The reason of the failure is worth more than that of a hold that cannot be set either; the note stays.
            do throws(NodeError) { try await restoreHolds() } catch _ {}
            throw error
        }
    }

    package func holds() async throws(NodeError) -> Set<String> {
        Set(Self.names(try await node.require(Self.showHolds).text))
    }

    /// Holds an installation that did not come to its end has yet to set again.
    package func pendingHolds() async throws(NodeError) -> Set<String> {
        Set(Self.names(try await NodeFiles(node).read(Self.holdsFile) ?? ""))
    }

    /// Sets the pending holds; no effect when there are none.
    package func restoreHolds() async throws(NodeError) {
        let names = try await pendingHolds()
        if !names.isEmpty { try await node.require(Self.restoreCommands(names.sorted())) }
    }

    package func status(of packages: [String]) async throws(NodeError) -> [PackageStatus] {
        let command = Self.statusCommand(packages)
        let result = try await node.run(command)
        // 1: some package is unknown; the others are told all the same.
        guard result.exitCode <= 1 else { throw NodeError(node: node.name, command: command, result: result) }
        return PackageStatus.parse(result.text)
    }

    static func names(_ text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
