/// Which versions may stand beside each other (kubernetes.io/releases/version-skew-policy); pure.
///
/// The policy counts minors: patches never matter to it.
package enum SkewPolicy {
    /// How a kubelet stands to the API servers it may talk to.
    package enum KubeletStanding: Sendable, Hashable {
        case allowed
        /// Newer than the oldest API server, not than the newest: another tool stopped half-way.
        case aheadOfSome(KubernetesVersion)
        /// Newer than every API server, of which this is the newest.
        case newer(than: KubernetesVersion)
        /// Further behind the newest API server than its kubelet allows.
        case tooOld(newest: KubernetesVersion, allowed: Int)
    }

    /// Minors a kubelet may be behind an API server: two, and three from kubelet 1.25 on.
    package static func allowedLag(ofKubelet kubelet: MinorVersion) -> Int {
        kubelet < MinorVersion(1, 25) ? 2 : 3
    }

    /// Judges a kubelet against all API servers of its cluster. Without API servers everything is allowed.
    package static func standing(
        ofKubelet kubelet: KubernetesVersion,
        among apiServers: [KubernetesVersion]
    ) -> KubeletStanding {
        guard let oldest = apiServers.min(), let newest = apiServers.max() else { return .allowed }
        let minor = kubelet.minorVersion
        if minor > newest.minorVersion { return .newer(than: newest) }
        let allowed = allowedLag(ofKubelet: minor)
        if minor.major != newest.major || newest.minor - minor.minor > allowed {
            return .tooOld(newest: newest, allowed: allowed)
        }
        return minor > oldest.minorVersion ? .aheadOfSome(oldest) : .allowed
    }

    /// API servers of one cluster may be one minor apart.
    package static func mayStandTogether(_ apiServers: [KubernetesVersion]) -> Bool {
        guard let oldest = apiServers.min(), let newest = apiServers.max() else { return true }
        return oldest.major == newest.major && newest.minor - oldest.minor <= 1
    }
}
