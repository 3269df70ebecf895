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

    /// Reads the tables that kubeadm prints for people: components with and without a NODE column (it came with 1.31),
    /// and component configurations.
    package init(table text: String) {
        rows = []
        manualUpgrades = []
        var header: [String] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let cells = ColumnText.cells(line)
            if cells.first == "COMPONENT" || cells.first == "API GROUP" {
                header = cells
            } else if header.first == "COMPONENT", cells.count >= 3 {
                // kube-proxy and CoreDNS belong to no node, and leave that cell empty.
                let hasNode = header.contains("NODE") && cells.count == header.count
                rows.append(
                    Row(
                        component: cells[0],
                        node: hasNode ? cells[1] : "",
                        current: cells[cells.count - 2],
                        new: cells[cells.count - 1]
                    )
                )
            } else if header.first == "API GROUP", cells.count == 4 {
                if cells[3] == "yes" { manualUpgrades.append("\(cells[0])/\(cells[1])") }
            } else {
                header = []
            }
        }
    }
}
