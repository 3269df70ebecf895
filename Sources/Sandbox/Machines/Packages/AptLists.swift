import Nodes

/// What apt downloaded of each repository: a file of its lists folder for each.
enum AptLists {
    /// `https://pkgs.k8s.io/core:/stable:/v1.31/deb/` is kept in `pkgs.k8s.io_core:_stable:_v1.31_deb_Packages`.
    static func path(in folder: String, of address: String) -> String {
        let name = address.firstRange(of: "://").map { address[$0.upperBound...] } ?? address[...]
        let stem = name.split(separator: "/").joined(separator: "_")
        return "\(folder)/\(stem)_Packages"
    }

    static func text(_ offers: [PackageRepositories.Offer]) -> String {
        offers.map { "Package: \($0.package)\nVersion: \($0.version)\n" }.joined(separator: "\n")
    }

    static func offers(_ text: String) -> [PackageRepositories.Offer] {
        var offers: [PackageRepositories.Offer] = []
        var package = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("Package: ") { package = String(line.dropFirst(9)) }
            if line.hasPrefix("Version: ") { offers.append(.init(package, String(line.dropFirst(9)))) }
        }
        return offers
    }
}

/// One `deb` line, or one stanza of a deb822 file.
struct AptEntry: Hashable {
    var address: String
    var suite: String
    var keyring: String?

    /// `https://pkgs.k8s.io/core:/stable:/v1.31/deb  ` as apt shows it in its tables.
    var shown: String {
        let trimmed = address.hasSuffix("/") ? String(address.dropLast()) : address
        return suite == "/" ? "\(trimmed) " : "\(trimmed) \(suite)/main amd64"
    }

    static func entries(_ text: String, isDeb822: Bool) -> [AptEntry] {
        isDeb822 ? stanzas(text) : text.split(separator: "\n").compactMap { line($0) }
    }

    private static func line(_ line: Substring) -> AptEntry? {
        var rest = line.prefix { $0 != "#" }
        guard rest.hasPrefix("deb ") else { return nil }
        rest = rest.dropFirst(4).drop(while: \.isWhitespace)
        var keyring: String?
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            for option in rest[..<end].dropFirst().split(separator: " ") where option.hasPrefix("signed-by=") {
                keyring = String(option.dropFirst(10))
            }
            rest = rest[rest.index(after: end)...]
        }
        let words = rest.split(whereSeparator: \.isWhitespace)
        guard words.count >= 2 else { return nil }
        return AptEntry(address: String(words[0]), suite: String(words[1]), keyring: keyring)
    }

    private static func stanzas(_ text: String) -> [AptEntry] {
        text.split(separator: "\n\n").compactMap { stanza in
            var fields: [String: String] = [:]
            for line in stanza.split(separator: "\n") {
                guard let colon = line.firstIndex(of: ":") else { continue }
                let value = line[line.index(after: colon)...].drop(while: \.isWhitespace)
                fields[line[..<colon].lowercased()] = String(value)
            }
            guard let address = fields["uris"], fields["enabled"]?.lowercased() != "no" else { return nil }
            return AptEntry(address: address, suite: fields["suites"] ?? "/", keyring: fields["signed-by"])
        }
    }
}

/// A command line of apt-get or apt-cache.
struct AptArguments {
    struct Misuse: Error {
        let result: CommandResult

        init(_ message: String) {
            result = CommandResult(exitCode: 100, output: "", errorOutput: "E: \(message)\n")
        }
    }

    var operation = ""
    var operands: [String] = []
    var flags: Set<String> = []
    /// `-o Key=value`, by the key in lower case.
    var settings: [String: [String]] = [:]

    private static let letters: [Character: String] = [
        "y": "yes", "q": "quiet", "s": "simulate", "f": "fix-broken", "V": "verbose-versions", "u": "show-upgraded",
        "a": "all-versions",
    ]
    private static let words: [String: String] = [
        "yes": "yes", "assume-yes": "yes", "quiet": "quiet", "simulate": "simulate", "dry-run": "simulate",
        "just-print": "simulate", "no-act": "simulate", "allow-change-held-packages": "allow-change-held-packages",
        "allow-downgrades": "allow-downgrades", "no-install-recommends": "no-install-recommends",
        "no-install-suggests": "no-install-suggests", "fix-broken": "fix-broken", "only-upgrade": "only-upgrade",
        "verbose-versions": "verbose-versions", "show-upgraded": "show-upgraded", "all-versions": "all-versions",
    ]

    init(_ arguments: [String]) throws(Misuse) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word == "-o" || word == "--option" {
                guard let setting = rest.popFirst() else {
                    throw Misuse("Command line option 'o' [from -o] requires an argument.")
                }
                try add(setting)
            } else if word.hasPrefix("-o") {
                try add(String(word.dropFirst(2)))
            } else if word.hasPrefix("--option=") {
                try add(String(word.dropFirst(9)))
            } else if word.hasPrefix("--") {
                guard let flag = Self.words[String(word.dropFirst(2))] else {
                    throw Misuse("Command line option \(word) is not understood in combination with the other options")
                }
                flags.insert(flag)
            } else if word.hasPrefix("-"), word.count > 1 {
                for letter in word.dropFirst() {
                    guard let flag = Self.letters[letter] else {
                        throw Misuse(
                            "Command line option '\(letter)' [from \(word)] is not understood in combination with the "
                                + "other options."
                        )
                    }
                    flags.insert(flag)
                }
            } else if operation.isEmpty {
                operation = word
            } else {
                operands.append(word)
            }
        }
    }

    private mutating func add(_ setting: String) throws(Misuse) {
        guard let mark = setting.firstIndex(of: "="), mark != setting.startIndex else {
            throw Misuse("Option -o: Configuration item specification must have an =<val>.")
        }
        // `Dpkg::Options::=--force-confold` adds to a list.
        settings[setting[..<mark].lowercased(), default: []].append(String(setting[setting.index(after: mark)...]))
    }

    func setting(_ key: String) -> String? { settings[key.lowercased()]?.last }

    var listsFolder: String {
        let folder = setting("Dir::State::lists") ?? "/var/lib/apt/lists"
        return folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    }

    /// The sources that are in force.
    func entries(_ state: MachineState) -> [AptEntry] {
        let main = setting("Dir::Etc::sourcelist") ?? "/etc/apt/sources.list"
        let parts = setting("Dir::Etc::sourceparts") ?? "/etc/apt/sources.list.d"
        var paths = main == "-" || main == "/dev/null" ? [] : [main]
        if parts != "-", parts != "/dev/null" {
            paths += ((try? state.files.list(parts)) ?? []).map { "\(parts)/\($0)" }
                .filter { $0.hasSuffix(".list") || $0.hasSuffix(".sources") }
        }
        var seen: Set<AptEntry> = []
        return paths.flatMap { path in
            AptEntry.entries(state.files.text(path) ?? "", isDeb822: path.hasSuffix(".sources"))
        }.filter { seen.insert($0).inserted }
    }

    /// Every package version the downloaded lists of the sources hold, with its source, newest first.
    func offers(_ state: MachineState) -> [(offer: PackageRepositories.Offer, entry: AptEntry)] {
        entries(state).flatMap { entry in
            let text = state.files.text(AptLists.path(in: listsFolder, of: entry.address)) ?? ""
            return AptLists.offers(text).map { (offer: $0, entry: entry) }
        }
        .sorted { DebianVersion($0.offer.version) > DebianVersion($1.offer.version) }
    }
}
