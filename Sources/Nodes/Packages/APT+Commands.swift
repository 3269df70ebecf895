package import KubernetesVersions

/// The commands themselves, as values: what a plan explains is what a run runs.
extension APT {
    /// For programs that must never ask: neither debconf nor needrestart, and messages in English.
    package static let quiet = ["DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_MODE": "l", "LC_ALL": "C"]

    /// The files that may hold apt sources.
    package static let listSources = Command(
        "find",
        "/etc/apt/sources.list",
        "/etc/apt/sources.list.d",
        "-type",
        "f",
        environment: ["LC_ALL": "C"],
        isReadOnly: true
    )

    /// Replaces the source by its text for another minor, in one rename. Its temporary name lies outside the folder
    /// apt reads, and on the same file system. Nothing for a flat source.
    package static func switchCommands(_ source: AptSource, to minor: MinorVersion) -> [Command] {
        let text = source.text(for: minor)
        guard text != source.text else { return [] }
        let temporary = "/etc/apt/keelstep-new-source"
        return [
            Command("install", "-m", "0644", "/dev/stdin", temporary, input: Array(text.utf8)),
            Command("mv", "-f", "-T", temporary, source.path),
        ]
    }

    /// Reads the lists of this source alone, so that a broken repository of somebody else's does not stop us.
    package static func updateCommand(_ source: AptSource) -> Command {
        Command(
            arguments: ["apt-get", "update"]
                + options([
                    "Dir::Etc::sourcelist=\(source.path)", "Dir::Etc::sourceparts=-", "APT::Get::List-Cleanup=0",
                    "APT::Update::Error-Mode=any",
                ]),
            environment: quiet
        )
    }

    package static func madisonCommand(_ packages: [String]) -> Command {
        Command(arguments: ["apt-cache", "madison"] + packages, environment: quiet, isReadOnly: true)
    }

    /// Reads what the source would offer in another minor, into a folder of its own that is removed again.
    package static func offerCommands(
        _ source: AptSource,
        in minor: MinorVersion,
        of package: String,
        folder: String
    ) -> (prepare: [Command], update: Command, ask: Command, cleanUp: Command) {
        let name = source.path.hasSuffix(".sources") ? "kubernetes.sources" : "kubernetes.list"
        let settings = options([
            "Dir::State::lists=\(folder)/lists", "Dir::Cache::pkgcache=", "Dir::Cache::srcpkgcache=",
            "Dir::Etc::sourcelist=\(folder)/\(name)", "Dir::Etc::sourceparts=-", "APT::Sandbox::User=root",
            "APT::Update::Error-Mode=any",
        ])
        return (
            prepare: [
                Command("install", "-d", "-m", "0700", scratch, folder, "\(folder)/lists", "\(folder)/lists/partial"),
                Command(
                    "install",
                    "-m",
                    "0600",
                    "/dev/stdin",
                    "\(folder)/\(name)",
                    input: Array(source.text(for: minor).utf8)
                ),
            ],
            update: Command(arguments: ["apt-get", "update"] + settings, environment: quiet),
            ask: Command(
                arguments: ["apt-cache", "madison", package] + settings,
                environment: quiet,
                isReadOnly: true
            ),
            cleanUp: Command("rm", "-rf", folder)
        )
    }

    /// Where throw-away apt states live: in memory, and gone with the next boot if their owner was killed.
    package static let scratch = "/run/keelstep"

    /// Installs exactly these package versions (`kubeadm` → `1.32.6-1.1`), held or not, and asks nothing.
    package static func installCommand(_ revisions: [String: String], allowDowngrade: Bool = false) -> Command {
        Command(
            arguments: ["apt-get", "install", "-y", "--allow-change-held-packages", "--no-install-recommends"]
                + (allowDowngrade ? ["--allow-downgrades"] : [])
                + options([
                    "DPkg::Lock::Timeout=300", "Dpkg::Options::=--force-confdef", "Dpkg::Options::=--force-confold",
                ]) + revisions.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" },
            environment: quiet
        )
    }

    /// All of an installation, in order: as ``installCommand(_:allowDowngrade:)`` lifts the hold of what it changes,
    /// the holds are noted on the node before and set again after.
    package static func installCommands(
        _ revisions: [String: String],
        held: [String],
        allowDowngrade: Bool = false
    ) -> [Command] {
        let names = held.sorted()
        let note = NodeFiles.writeCommands(names.joined(separator: "\n") + "\n", to: holdsFile)
        let install = installCommand(revisions, allowDowngrade: allowDowngrade)
        return names.isEmpty ? [install] : note + [install] + restoreCommands(names)
    }

    /// The holds that an installation has yet to set again.
    package static let holdsFile = "/var/lib/keelstep/holds"

    static func restoreCommands(_ names: [String]) -> [Command] {
        [
            Command(arguments: ["apt-mark", "hold"] + names, environment: quiet),
            Command("rm", "-f", holdsFile),
        ]
    }

    package static let showHolds = Command("apt-mark", "showhold", environment: quiet, isReadOnly: true)

    /// Finishes what an interrupted dpkg left half done.
    package static let configureCommand = Command(
        "dpkg",
        "--force-confdef",
        "--force-confold",
        "--configure",
        "-a",
        environment: quiet
    )

    package static func statusCommand(_ packages: [String]) -> Command {
        Command(
            arguments: ["dpkg-query", "-W", "-f=${Package}\\t${Version}\\t${db:Status-Abbrev}\\n"] + packages,
            environment: ["LC_ALL": "C"],
            isReadOnly: true
        )
    }

    private static func options(_ settings: [String]) -> [String] { settings.flatMap { ["-o", $0] } }
}
