package import KubernetesVersions

/// The table of `apt-cache madison`: what every source offers, newest first.
///
///     kubeadm | 1.31.14-1.1 | https://pkgs.k8s.io/core:/stable:/v1.31/deb  Packages
package struct Madison: Sendable, Hashable {
    package struct Row: Sendable, Hashable {
        package var package: String
        /// `1.31.14-1.1`: what stands after the first hyphen is the revision, and no rule gives it.
        package var version: String
        package var source: String
    }

    package var rows: [Row]

    /// Lines that are no rows (sources, warnings) are passed over.
    package init(_ text: String) {
        rows = text.split(whereSeparator: \.isNewline).compactMap { line in
            let fields = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.drop(while: \.isWhitespace) }
            guard fields.count == 3, fields[2].contains("Packages") else { return nil }
            func trimmed(_ field: Substring) -> String {
                String(field.reversed().drop(while: \.isWhitespace).reversed())
            }
            return Row(package: trimmed(fields[0]), version: trimmed(fields[1]), source: trimmed(fields[2]))
        }
    }

    /// The versions of Kubernetes a package is offered in, ascending, each once.
    package func versions(of package: String) -> [KubernetesVersion] {
        Set(rows.filter { $0.package == package }.compactMap { Self.kubernetesVersion($0.version) }).sorted()
    }

    /// The package version that is this version of Kubernetes, in its highest revision.
    package func revision(of package: String, _ version: KubernetesVersion) -> String? {
        rows.first { $0.package == package && Self.kubernetesVersion($0.version) == version }?.version
    }

    /// `1.31.14-1.1` and `1.28.2-00` are v1.31.14 and v1.28.2; `1.34.0~rc.1-1.1` is v1.34.0-rc.1.
    package static func kubernetesVersion(_ packageVersion: String) -> KubernetesVersion? {
        let withoutEpoch = packageVersion.split(separator: ":", maxSplits: 1).last ?? ""
        let upstream = withoutEpoch.lastIndex(of: "-").map { withoutEpoch[..<$0] } ?? withoutEpoch
        return try? KubernetesVersion(parsing: String(upstream).replacing("~", with: "-"))
    }
}
