import EtcdRPC
import SwiftProtobuf

/// What one member says of itself.
package struct MemberStatus: Sendable, Hashable, Codable {
    package var memberID: UInt64
    package var clusterID: UInt64
    /// The etcd version it runs, as it says it: `3.5.16`.
    package var version: String
    /// Bytes of its database file, and those of them in use.
    package var dbSize: Int64
    package var dbSizeInUse: Int64
    /// The member it takes for the leader; 0: none.
    package var leader: UInt64
    package var raftTerm: UInt64
    package var raftIndex: UInt64
    package var appliedIndex: UInt64
    package var isLearner: Bool
    package var errors: [String]
    /// The store's revision on this member.
    package var revision: Int64

    package init(
        memberID: UInt64,
        clusterID: UInt64 = 0,
        version: String,
        dbSize: Int64,
        dbSizeInUse: Int64,
        leader: UInt64,
        raftTerm: UInt64,
        raftIndex: UInt64,
        appliedIndex: UInt64,
        isLearner: Bool = false,
        errors: [String] = [],
        revision: Int64 = 0
    ) {
        self.memberID = memberID
        self.clusterID = clusterID
        self.version = version
        self.dbSize = dbSize
        self.dbSizeInUse = dbSizeInUse
        self.leader = leader
        self.raftTerm = raftTerm
        self.raftIndex = raftIndex
        self.appliedIndex = appliedIndex
        self.isLearner = isLearner
        self.errors = errors
        self.revision = revision
    }

    package var isLeader: Bool { leader != 0 && leader == memberID }
}

/// A member as its cluster's list has it.
package struct ListedMember: Sendable, Hashable, Codable {
    package var id: UInt64
    /// Empty for a member that was added and has never started.
    package var name: String
    package var peerURLs: [String]
    package var clientURLs: [String]
    package var isLearner: Bool

    package init(id: UInt64, name: String, peerURLs: [String], clientURLs: [String], isLearner: Bool = false) {
        self.id = id
        self.name = name
        self.peerURLs = peerURLs
        self.clientURLs = clientURLs
        self.isLearner = isLearner
    }

    /// The ID as etcdctl writes it.
    package var hexID: String { String(id, radix: 16) }
}

package struct EtcdAlarm: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable {
        case noSpace = "NOSPACE"
        case corrupt = "CORRUPT"
        case unknown = "UNKNOWN"
    }

    package var memberID: UInt64
    package var kind: Kind

    package init(memberID: UInt64, kind: Kind) {
        self.memberID = memberID
        self.kind = kind
    }
}

/// Whether a member takes part in decisions now.
package enum EtcdHealth: Sendable, Hashable {
    /// It answered a read that the quorum agreed to, in that time.
    case healthy(took: Duration)
    case unhealthy(reason: String)

    package var isHealthy: Bool { if case .healthy = self { true } else { false } }
}

/// The hash of the store's content at a revision: equal on all members that have compacted alike.
package struct KeyValueHash: Sendable, Hashable, Codable {
    package var hash: UInt32
    package var compactRevision: Int64
    /// The member's revision when it computed it.
    package var revision: Int64

    package init(hash: UInt32, compactRevision: Int64, revision: Int64) {
        self.hash = hash
        self.compactRevision = compactRevision
        self.revision = revision
    }
}

extension EtcdClient {
    package func status() async throws(EtcdError) -> MemberStatus {
        let answer = try await call("Status") { try await maintenance.status(.init(), options: $0) }
        return MemberStatus(
            memberID: answer.header.memberID,
            clusterID: answer.header.clusterID,
            version: answer.version,
            dbSize: answer.dbSize,
            dbSizeInUse: answer.dbSizeInUse,
            leader: answer.leader,
            raftTerm: answer.raftTerm,
            raftIndex: answer.raftIndex,
            appliedIndex: answer.raftAppliedIndex,
            isLearner: answer.isLearner,
            errors: answer.errors,
            revision: answer.header.revision
        )
    }

    /// The cluster's members, as the quorum knows them or, not `linearizable`, as this one does.
    ///
    /// Members before 3.5 always answer from what they know themselves.
    package func members(linearizable: Bool = true) async throws(EtcdError) -> [ListedMember] {
        let request = Etcdserverpb_MemberListRequest.with { $0.linearizable = linearizable }
        let answer = try await call("MemberList") { try await cluster.memberList(request, options: $0) }
        return answer.members.map {
            ListedMember(
                id: $0.id,
                name: $0.name,
                peerURLs: $0.peerUrls,
                clientURLs: $0.clientUrls,
                isLearner: $0.isLearner
            )
        }
    }

    /// The alarms raised in the cluster.
    package func alarms() async throws(EtcdError) -> [EtcdAlarm] {
        let request = Etcdserverpb_AlarmRequest.with { $0.action = .get }
        let answer = try await call("Alarm") { try await maintenance.alarm(request, options: $0) }
        return answer.alarms.map { alarm in
            let kind: EtcdAlarm.Kind =
                switch alarm.alarm {
                case .nospace: .noSpace
                case .corrupt: .corrupt
                default: .unknown
                }
            return EtcdAlarm(memberID: alarm.memberID, kind: kind)
        }
    }

    /// Asks for a read that needs the quorum's consent, as `etcdctl endpoint health` does.
    ///
    /// What keeps it from answering is the answer; only cancellation throws.
    package func health(within limit: Duration? = nil) async throws(EtcdError) -> EtcdHealth {
        let request = Etcdserverpb_RangeRequest.with { $0.key = [UInt8]("health".utf8).data }
        let start = ContinuousClock.now
        do {
            _ = try await call("Range", within: limit) { try await kv.range(request, options: $0) }
            return .healthy(took: ContinuousClock.now - start)
        } catch {
            switch error {
            case .cancelled: throw error
            case .refused(_, _, "permissionDenied", _): return .healthy(took: ContinuousClock.now - start)
            default: return .unhealthy(reason: error.description)
            }
        }
    }

    /// The hash of all keys and values at `revision` (0: now), for comparing members with one another.
    package func hashKV(revision: Int64 = 0) async throws(EtcdError) -> KeyValueHash {
        let request = Etcdserverpb_HashKVRequest.with { $0.revision = revision }
        let answer = try await call("HashKV", within: max(timeout, .seconds(60))) {
            try await maintenance.hashKV(request, options: $0)
        }
        return KeyValueHash(
            hash: answer.hash,
            compactRevision: answer.compactRevision,
            revision: answer.header.revision
        )
    }

    /// Hands leadership to another member. Only the leader can.
    package func moveLeader(to target: UInt64) async throws(EtcdError) {
        let request = Etcdserverpb_MoveLeaderRequest.with { $0.targetID = target }
        _ = try await call("MoveLeader", within: max(timeout, .seconds(15))) {
            try await maintenance.moveLeader(request, options: $0)
        }
    }
}
