/// The soft taint on nodes that are still to be upgraded in a hop, so that a pod is moved once.
package enum OutdatedTaint {
    package static let key = "keelstep.dev/outdated"
    package static let effect = "PreferNoSchedule"
}
