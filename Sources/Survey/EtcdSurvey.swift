/// The cluster's etcd.
package struct EtcdSurvey: Sendable, Hashable {
    /// Endpoints of an external etcd, which kubeadm does not run; nil for one in static pods.
    package var externalEndpoints: [String]?
    /// In natural order of their names.
    package var members: [EtcdMemberSurvey]
    package var alarms: [String]

    package init(externalEndpoints: [String]? = nil, members: [EtcdMemberSurvey] = [], alarms: [String] = []) {
        self.externalEndpoints = externalEndpoints
        self.members = members
        self.alarms = alarms
    }

    package var voters: [EtcdMemberSurvey] { members.filter { !$0.isLearner } }
    package var healthyVoters: Int { voters.count(where: \.isHealthy) }
    package var quorum: Int { voters.count / 2 + 1 }
    package var leader: String? { members.first(where: \.isLeader)?.name }
}

package struct EtcdMemberSurvey: Sendable, Hashable {
    package var name: String
    /// The control-plane node it was asked through; nil for a member on no node we know.
    package var node: String?
    /// As etcdctl writes it; empty when the member did not answer.
    package var id: String
    package var version: String
    package var isLeader: Bool
    package var isLearner: Bool
    package var isHealthy: Bool
    /// False where there was no way to ask it: whether it is healthy is then not known.
    package var wasAsked: Bool
    package var dbSize: Int64
    package var dbSizeInUse: Int64
    package var problem: String?

    package init(
        name: String,
        node: String?,
        id: String = "",
        version: String = "",
        isLeader: Bool = false,
        isLearner: Bool = false,
        isHealthy: Bool = false,
        wasAsked: Bool = true,
        dbSize: Int64 = 0,
        dbSizeInUse: Int64 = 0,
        problem: String? = nil
    ) {
        self.name = name
        self.node = node
        self.id = id
        self.version = version
        self.isLeader = isLeader
        self.isLearner = isLearner
        self.isHealthy = isHealthy
        self.wasAsked = wasAsked
        self.dbSize = dbSize
        self.dbSizeInUse = dbSizeInUse
        self.problem = problem
    }
}
