package import KubernetesVersions

/// A file below `/etc/apt` that says where Kubernetes packages come from.
package struct AptSource: Sendable, Hashable {
    /// What kind of repository it names.
    package enum Kind: Sendable, Hashable {
        /// One minor version each, told apart by `/vX.Y/` in the address.
        case perMinor(MinorVersion)
        /// All minor versions in one place.
        case flat
        /// apt.kubernetes.io, gone.
        case legacy
    }

    package var path: String
    package var text: String
    package var kind: Kind
    /// The key files the entries name (`signed-by=`).
    package var keyrings: [String]

    /// Reads a one-line `.list` or a deb822 `.sources` file; nil when nothing in force in it names Kubernetes.
    package init?(path: String, text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let addresses = Self.active(lines).flatMap { Self.addresses(in: String($0)) }
        guard let first = addresses.first else { return nil }
        self.path = path
        self.text = text
        if addresses.contains(where: Self.isLegacy) {
            kind = .legacy
        } else if let minor = Self.minor(in: first) {
            kind = .perMinor(minor)
        } else {
            kind = .flat
        }
        keyrings = Self.active(lines).compactMap { Self.keyring(in: String($0)) }
    }

    /// The text with `/vX.Y/` of every Kubernetes address replaced, and nothing else. A flat source stays as it is.
    package func text(for minor: MinorVersion) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard !line.drop(while: \.isWhitespace).hasPrefix("#"), !Self.addresses(in: String(line)).isEmpty else {
                return String(line)
            }
            return Self.replacingMinor(in: String(line), by: minor)
        }.joined(separator: "\n")
    }

    /// Lines in force: no comments, no source packages, no paragraph that is switched off (sources.list(5), `Enabled`).
    private static func active(_ lines: [Substring]) -> [Substring] {
        lines.split { $0.allSatisfy(\.isWhitespace) }.filter { !$0.contains(where: isSwitchOff) }.joined().filter {
            line in
            let start = line.drop(while: \.isWhitespace)
            return !start.hasPrefix("#") && !start.hasPrefix("deb-src")
        }
    }

    private static func isSwitchOff(_ line: Substring) -> Bool {
        let words = line.lowercased().split(separator: ":", maxSplits: 1)
        guard words.count == 2, words[0] == "enabled" else { return false }
        return ["no", "false", "without", "off", "disable"].contains(words[1].filter { !$0.isWhitespace })
    }

    /// Words of a line that are addresses of a Kubernetes repository.
    private static func addresses(in line: String) -> [String] {
        line.split(whereSeparator: \.isWhitespace).map(String.init).filter { word in
            guard word.contains(":/") else { return false }
            let word = word.lowercased()
            return word.contains("core:/stable") || word.contains("kubernetes") || word.contains("k8s.io")
                || word.contains("packages.cloud.google.com/apt")
        }
        .filter { !$0.hasPrefix("[") && !$0.hasPrefix("signed-by=") }
    }

    private static func isLegacy(_ address: String) -> Bool {
        address.contains("apt.kubernetes.io") || address.contains("packages.cloud.google.com")
    }

    private static func minor(in address: String) -> MinorVersion? {
        address.split(separator: "/").lazy.compactMap { part -> MinorVersion? in
            guard part.hasPrefix("v") else { return nil }
            return try? MinorVersion(parsing: String(part))
        }.first
    }

    /// In the line's addresses alone: a keyring's path may look like a minor, too.
    private static func replacingMinor(in line: String, by minor: MinorVersion) -> String {
        addresses(in: line).reduce(line) { line, address in
            let parts = address.split(separator: "/", omittingEmptySubsequences: false).map { part in
                part.hasPrefix("v") && (try? MinorVersion(parsing: String(part))) != nil ? "v\(minor)" : String(part)
            }
            return line.replacing(address, with: parts.joined(separator: "/"))
        }
    }

    private static func keyring(in line: String) -> String? {
        let lower = line.lowercased()
        for mark in ["signed-by=", "signed-by:"] {
            guard let range = lower.firstRange(of: mark) else { continue }
            let start = line.index(
                line.startIndex,
                offsetBy: lower.distance(from: lower.startIndex, to: range.upperBound)
            )
            let path = line[start...].drop(while: \.isWhitespace).prefix { !$0.isWhitespace && $0 != "]" && $0 != "," }
            if path.hasPrefix("/") { return String(path) }
        }
        return nil
    }
}
