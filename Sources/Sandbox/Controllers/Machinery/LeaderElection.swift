package import KubernetesModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Lets one of several candidates work at a time, by a Lease, as kube-controller-manager and kube-scheduler do.
package struct LeaderElection: Sendable {
    package let lease: ObjectKey
    package let identity: String
    let access: any ClusterAccess
    let leaseDuration: Duration
    let renewInterval: Duration

    package init(
        lease: ObjectKey,
        identity: String,
        access: any ClusterAccess,
        leaseDuration: Duration = .seconds(15),
        renewInterval: Duration = .seconds(2)
    ) {
        self.lease = lease
        self.identity = identity
        self.access = access
        self.leaseDuration = leaseDuration
        self.renewInterval = renewInterval
    }

    /// As often as kube-controller-manager and kube-scheduler renew, at the sandbox's pace; twice a second at most.
    package static func renewInterval(_ clock: SandboxClock) -> Duration {
        max(.milliseconds(500), clock.scaled(.seconds(2)))
    }

    /// Waits for the Lease, works while it holds it, and begins anew when it lost it; releases it when cancelled.
    package func run(_ work: @escaping @Sendable () async -> Void) async {
        while !Task.isCancelled {
            guard await acquire() else { return }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await work() }
                group.addTask { await keep() }
                await group.next()
                group.cancelAll()
            }
        }
        // Must survive the cancellation that led here: the next leader waits for it.
        await Task { await release() }.value
    }

    /// Returns true once the Lease is held, false when cancelled.
    private func acquire() async -> Bool {
        var seen: (state: JSONValue, at: ContinuousClock.Instant)?
        while !Task.isCancelled {
            if await tryToAcquire(&seen) { return true }
            do { try await Task.sleep(for: renewInterval / 2) } catch { return false }
        }
        return false
    }

    /// A holder counts as gone once its record stood still for its term, by this candidate's own watch.
    private func tryToAcquire(_ seen: inout (state: JSONValue, at: ContinuousClock.Instant)?) async -> Bool {
        do throws(APIStatus) {
            var object = try await access.get(.leases, lease)
            let spec = object.spec
            let holder = spec["holderIdentity"]?.string ?? ""
            if holder != identity, !holder.isEmpty {
                let term = Duration.seconds(max(1, spec["leaseDurationSeconds"]?.integer ?? 15))
                guard let last = seen, last.state == spec else {
                    seen = (spec, .now)
                    return false
                }
                guard .now - last.at >= term else { return false }
            }
            let transitions = (spec["leaseTransitions"]?.integer ?? 0) + (holder == identity ? 0 : 1)
            object.spec = held(since: Date(), transitions: transitions)
            _ = try await access.update(.leases, object, subresource: nil)
            return true
        } catch {
            guard error.isNotFound else { return false }
            var object = KubernetesObject(.leases, namespace: lease.namespace, name: lease.name)
            object.spec = held(since: Date(), transitions: 0)
            do { _ = try await access.create(.leases, object) } catch { return false }
            return true
        }
    }

    /// Renews until that failed for two thirds of the term, or somebody else holds the Lease.
    private func keep() async {
        var renewed = ContinuousClock.now
        while !Task.isCancelled {
            do { try await Task.sleep(for: renewInterval) } catch { return }
            do throws(APIStatus) {
                var object = try await access.get(.leases, lease)
                guard object.spec["holderIdentity"]?.string == identity else { return }
                object["spec", "renewTime"] = .string(Timestamp.microString(from: Date()))
                _ = try await access.update(.leases, object, subresource: nil)
                renewed = .now
            } catch {
                if .now - renewed > leaseDuration * 2 / 3 { return }
            }
        }
    }

    private func release() async {
        guard var object = try? await access.get(.leases, lease),
            object.spec["holderIdentity"]?.string == identity
        else { return }
        object["spec", "holderIdentity"] = ""
        object["spec", "leaseDurationSeconds"] = 1
        object["spec", "renewTime"] = .string(Timestamp.microString(from: Date()))
        _ = try? await access.update(.leases, object, subresource: nil)
    }

    private func held(since date: Date, transitions: Int64) -> JSONValue {
        let time = JSONValue.string(Timestamp.microString(from: date))
        return [
            "holderIdentity": .string(identity),
            "leaseDurationSeconds": .integer(leaseDuration.components.seconds),
            "acquireTime": time, "renewTime": time, "leaseTransitions": .integer(transitions),
        ]
    }
}
