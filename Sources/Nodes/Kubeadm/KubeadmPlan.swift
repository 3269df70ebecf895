package import KubernetesModel

/// What `kubeadm upgrade plan VERSION -o json` says (output.kubeadm.k8s.io v1alpha2 and v1alpha3).
package struct KubeadmPlan: Sendable, Hashable {
    package struct Row: Sendable, Hashable {
        package var component: String
        package var node: String
        package var current: String
        package var new: String
    }

    package var rows: [Row]
    /// Component configurations a person has to change by hand, `group/version`.
    package var manualUpgrades: [String]

    /// Text before the first brace is passed over, as older versions print some; nothing at all means that there is
    /// nothing to upgrade.
    package init(parsing output: [UInt8]) throws(JSONError) {
        guard let start = output.firstIndex(of: UInt8(ascii: "{")) else {
            rows = []
            manualUpgrades = []
            return
        }
        let value = try JSONValue(parsing: Array(output[start...]))
        let lists = (value["availableUpgrades"]?.array ?? []).compactMap { $0["components"]?.array }
        rows = (lists.first ?? value["components"]?.array ?? []).map { row in
            Row(
                component: row["name"]?.string ?? "",
                node: row["nodeName"]?.string ?? "",
                current: row["currentVersion"]?.string ?? "",
                new: row["newVersion"]?.string ?? ""
            )
        }
        manualUpgrades = (value["configVersions"]?.array ?? []).filter { $0["manualUpgradeRequired"]?.bool == true }
            .map { "\($0["group"]?.string ?? "")/\($0["currentVersion"]?.string ?? "")" }
    }

    package var isEmpty: Bool { rows.isEmpty }
}
