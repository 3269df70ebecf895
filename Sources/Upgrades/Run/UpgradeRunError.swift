/// Why a run could not begin, or could not be taken up.
package enum UpgradeRunError: Error, Sendable, Hashable {
    case nothingToResume
    /// Neither the journal nor the cluster has its plan.
    case planLost(run: String, machine: String)
    case otherCluster(planned: String, found: String)
    case unknownCluster(server: String, reason: String)
    case noJournal(String)
}

extension UpgradeRunError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .nothingToResume: "no run is open on this cluster; begin one with `keelstep upgrade --to VERSION`"
        case .planLost(let run, let machine):
            "the plan of run \(run) is not in the cluster, as it is too long, and this machine has no journal of it; "
                + "resume where it was begun (\(machine)), or plan anew with `keelstep upgrade`"
        case .otherCluster(let planned, let found):
            "this plan is for the cluster with UID \(planned), but the kubeconfig leads to \(found); "
                + "choose the right context, or plan anew"
        case .unknownCluster(let server, let reason):
            "the API server \(server) is away (\(reason)), and this machine never worked on its cluster; "
                + "try again when it is back"
        case .noJournal(let folder):
            "there is no journal of this cluster below \(folder); the report is on the machine that made the run"
        }
    }
}
