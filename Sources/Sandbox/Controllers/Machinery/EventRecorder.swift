package import KubernetesModel
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes Events about objects, at a bounded cost: in its own task, with the newest kept when too many come,
/// repeats counted rather than written anew, and its oldest deleted beyond a limit.
package final class EventRecorder: Sendable {
    private struct Entry: Sendable {
        var event: KubernetesObject
        var identity: String
    }

    private let component: String
    private let host: String?
    private let limit: Int
    private let stream: AsyncStream<Entry>
    private let continuation: AsyncStream<Entry>.Continuation
    private let counter = Atomic<UInt64>(0)

    package init(component: String, host: String? = nil, limit: Int = 2000) {
        self.component = component
        self.host = host
        self.limit = limit
        (stream, continuation) = AsyncStream.makeStream(of: Entry.self, bufferingPolicy: .bufferingNewest(512))
    }

    package func warning(_ object: KubernetesObject, _ reason: String, _ message: String) {
        record(object, "Warning", reason, message)
    }

    package func normal(_ object: KubernetesObject, _ reason: String, _ message: String) {
        record(object, "Normal", reason, message)
    }

    private func record(_ object: KubernetesObject, _ type: String, _ reason: String, _ message: String) {
        let date = Date()
        let time = JSONValue.string(Timestamp.string(from: date))
        let ticks = UInt64(max(0, date.timeIntervalSince1970) * 1_000_000)
        let number = ticks &* 1024 &+ counter.wrappingAdd(1, ordering: .relaxed).newValue % 1024
        var event = KubernetesObject(
            .events,
            namespace: object.namespace ?? "default",
            name: "\(object.name).\(String(number, radix: 16))"
        )
        var subject: JSONValue = [
            "apiVersion": .string(object.apiVersion), "kind": .string(object.kind), "name": .string(object.name),
            "uid": .string(object.kind == "Node" ? object.name : object.uid),
        ]
        if let namespace = object.namespace { subject["namespace"] = .string(namespace) }
        if let version = object.resourceVersion { subject["resourceVersion"] = .string(version) }
        event["involvedObject"] = subject
        event["type"] = .string(type)
        event["reason"] = .string(reason)
        event["message"] = .string(message)
        event["count"] = 1
        event["firstTimestamp"] = time
        event["lastTimestamp"] = time
        event["reportingComponent"] = .string(component)
        event["reportingInstance"] = .string(host ?? "")
        event["source"] = ["component": .string(component)]
        if let host { event["source", "host"] = .string(host) }
        continuation.yield(Entry(event: event, identity: "\(object.uid)/\(reason)/\(message)"))
    }

    /// Writes what is recorded, until cancelled. One that cannot be written is lost, as in life.
    package func run(_ access: any ClusterAccess) async {
        var written: [String: KubernetesObject] = [:]
        var order: [String] = []
        for await entry in stream {
            if var known = written[entry.identity] {
                known["count"] = .integer((known["count"]?.integer ?? 1) + 1)
                known["lastTimestamp"] = entry.event["lastTimestamp"]
                known.resourceVersion = nil
                written[entry.identity] = (try? await access.update(.events, known, subresource: nil))
                if written[entry.identity] != nil { continue }
            }
            guard let stored = try? await access.create(.events, entry.event) else { continue }
            written[entry.identity] = stored
            order.append(entry.identity)
            guard order.count > limit else { continue }
            for identity in order.prefix(limit / 4) {
                guard let old = written.removeValue(forKey: identity) else { continue }
                _ = try? await access.delete(.events, old.key, gracePeriodSeconds: nil, uid: nil)
            }
            order.removeFirst(limit / 4)
        }
    }
}
