/// Who asks.
package struct UserInfo: Sendable, Hashable {
    package var name: String
    package var groups: [String]

    package init(name: String, groups: [String]) {
        self.name = name
        self.groups = groups
    }

    package static let anonymous = UserInfo(name: "system:anonymous", groups: ["system:unauthenticated"])
    package static let admin = UserInfo(name: "kubernetes-admin", groups: ["system:masters", "system:authenticated"])

    /// The sandbox knows two kinds of users: those of the cluster itself and its administrators may do everything,
    /// everybody else nothing but look at what a cluster shows to anyone.
    package var mayDoEverything: Bool {
        if groups.contains("system:masters") || groups.contains("kubeadm:cluster-admins") { return true }
        return groups.contains("system:nodes") || name.hasPrefix("system:kube-")
    }

    package var isAnonymous: Bool { name == "system:anonymous" }
}
