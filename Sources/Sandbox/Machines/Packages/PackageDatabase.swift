package import Nodes

/// What dpkg knows: every package with its state, and who is changing it now.
package struct PackageDatabase: Sendable {
    package var packages: [String: PackageStatus] = [:]
    /// The process that holds `/var/lib/dpkg/lock-frontend`.
    package var lockHolder: (pid: Int, name: String)?

    package init() {}

    package subscript(_ name: String) -> PackageStatus? {
        get { packages[name] }
        set { packages[name] = newValue }
    }

    package var holds: [String] { packages.values.filter(\.isHeld).map(\.name).sorted() }

    /// Something was unpacked and never configured: apt refuses to work until `dpkg --configure -a` has run.
    package var isInterrupted: Bool { packages.values.contains(where: \.isHalfDone) }

    /// The package's files are there, configured or not.
    package func isUnpacked(_ name: String) -> Bool {
        guard let state = packages[name]?.state else { return false }
        return ![.configFiles, .notInstalled, .halfInstalled].contains(state)
    }
}

extension PackageStatus {
    /// `ii `, `hi `, `iU `: what is wanted, what is, and whether it has to be installed again.
    var abbreviation: String { (isHeld ? "h" : "i") + String(state.rawValue) + " " }
}
