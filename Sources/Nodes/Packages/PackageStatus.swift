package import KubernetesVersions

/// One package as dpkg sees it (dpkg-query(1), `${db:Status-Abbrev}`: what is wanted, then what is).
package struct PackageStatus: Sendable, Hashable {
    package enum State: Character, Sendable, Hashable {
        case installed = "i"
        case unpacked = "U"
        case halfConfigured = "F"
        case halfInstalled = "H"
        case triggersAwaited = "W"
        case triggersPending = "t"
        case configFiles = "c"
        case notInstalled = "n"
    }

    package var name: String
    /// As the distribution writes it: `1.31.4-1.1`.
    package var version: String
    package var state: State
    package var isHeld: Bool

    package init(name: String, version: String, state: State, isHeld: Bool = false) {
        self.name = name
        self.version = version
        self.state = state
        self.isHeld = isHeld
    }

    package var kubernetesVersion: KubernetesVersion? { Madison.kubernetesVersion(version) }

    /// Whole: neither half installed nor waiting to be configured.
    package var isInstalled: Bool { state == .installed || state == .triggersPending }

    package var isHalfDone: Bool {
        [.unpacked, .halfConfigured, .halfInstalled, .triggersAwaited].contains(state)
    }

    /// Reads `dpkg-query -W -f='${Package}\t${Version}\t${db:Status-Abbrev}\n'`.
    package static func parse(_ text: String) -> [PackageStatus] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == 3, let want = fields[2].first, let state = fields[2].dropFirst().first,
                let state = State(rawValue: state)
            else { return nil }
            return PackageStatus(
                name: String(fields[0]),
                version: String(fields[1]),
                state: state,
                isHeld: want == "h"
            )
        }
    }
}
