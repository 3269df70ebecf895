package import Foundation
package import KubernetesModel
package import KubernetesVersions

/// One systemd unit.
package struct Service: Sendable, Hashable {
    package enum Activity: Sendable, Hashable {
        case inactive
        case active
        /// Started, ended by itself, started again by systemd, and so on; with what it says each time.
        case failing(String)
    }

    package var name: String
    package var activity: Activity
    package var isEnabled = true
    package var mainPID = 0
    package var activeSince: Date
    /// The version of the process that runs.
    package var runningVersion: KubernetesVersion?
    /// Its configuration as the process read it at its start.
    package var configuration: JSONValue = [:]
    /// How often it was started.
    package var starts = 1
    /// How often systemd started it again by itself.
    package var automaticRestarts = 0
    /// The unit's files changed after systemd read them.
    package var needsDaemonReload = false
    package var description: String
    package var fragmentPath: String
    package var dropInPaths: String

    var activeState: String {
        switch activity {
        case .inactive: "inactive"
        case .active: "active"
        case .failing: "activating"
        }
    }

    var subState: String {
        switch activity {
        case .inactive: "dead"
        case .active: "running"
        case .failing: "auto-restart"
        }
    }
}
