import Bolt
package import KubernetesModel

extension DatabaseVerification {
    /// As programs read it. Ids are hex, as etcdctl prints them; what the file does not say is null.
    package var value: JSONValue {
        let isReadable = check.isSound && meta != nil
        return [
            "file": .string(path),
            "bytes": number(bytes),
            "kind": text(kind?.rawValue),
            "sound": .bool(isSound),
            "damageCount": .integer(Int64(damageCount)),
            "damages": .array(
                damages.map { damage in
                    ["page": number(damage.page), "message": .string("\(damage)")]
                }
            ),
            "sha256": text(sha256),
            "storedSHA256": text(storedSHA256),
            "transaction": number(meta?.transaction),
            "pages": pages,
            "hash": isReadable ? number(UInt64(contents.hash)) : .null,
            "totalKey": number(contents.items),
            "totalSize": number(meta.map { $0.pageCount * UInt64($0.pageSize) }),
            "hashKV": isReadable ? hashKV : .null,
            "keys": keys,
            "compaction": [
                "scheduled": revision(contents.scheduledCompaction), "finished": revision(contents.finishedCompaction),
            ],
            "consistentIndex": number(contents.consistentIndex),
            "term": number(contents.term),
            "clusterVersion": text(contents.clusterVersion),
            "storageVersion": text(contents.storageVersion),
            "members": .array(contents.members.map(member)),
            "removedMembers": .array(contents.removedMembers.map { .string(String($0, radix: 16)) }),
            "leases": number(contents.leases),
            "alarms": .array(
                contents.alarms.map { ["member": .string(String($0.memberID, radix: 16)), "alarm": .string($0.kind)] }
            ),
            "auth": [
                "enabled": .bool(contents.isAuthEnabled), "users": number(contents.users),
                "roles": number(contents.roles),
            ],
            "objects": .array(contents.sortedObjects.map(object)),
            "otherKeys": count(contents.otherKeys),
            "forms": forms,
            "encrypted": encrypted,
            "unknownTypes": .object(
                .init(uniqueKeysWithValues: contents.unknownTypes.map { ("\($0)", number($1)) })
            ),
        ]
    }

    private var pages: JSONValue {
        [
            "size": number(meta.map { UInt64($0.pageSize) }), "count": number(check.pageCount),
            "used": number(check.usedPages), "free": number(check.freePages), "listedFree": number(check.listedFree),
        ]
    }

    private var hashKV: JSONValue {
        [
            "hash": number(UInt64(contents.hashKV)), "revision": .integer(contents.lastRevision?.main ?? 0),
            "compactRevision": contents.compacted.map { .integer($0) } ?? .null,
        ]
    }

    private var keys: JSONValue {
        [
            "live": number(contents.liveKeys), "withLease": number(contents.keysWithLease),
            "rows": number(contents.rows), "tombstones": number(contents.tombstones),
            "firstRevision": revision(contents.firstRevision), "lastRevision": revision(contents.lastRevision),
            "revision": .integer(contents.revision),
        ]
    }

    private func member(_ member: StoredMember) -> JSONValue {
        [
            "id": .string(String(member.id, radix: 16)), "name": .string(member.name),
            "peerURLs": JSONValue(member.peerURLs), "clientURLs": JSONValue(member.clientURLs),
            "learner": .bool(member.isLearner),
        ]
    }

    private func object(_ group: ObjectGroup, _ count: ObjectCount) -> JSONValue {
        var value = self.count(count)
        value["resource"] = .string(group.resource)
        value["namespace"] = text(group.namespace)
        return value
    }

    private func count(_ count: ObjectCount) -> JSONValue {
        [
            "keys": number(count.keys), "bytes": number(count.bytes), "allRows": number(count.allRows),
            "allBytes": number(count.allBytes),
        ]
    }

    private var forms: JSONValue {
        var forms: JSONValue = [:]
        for (form, count) in contents.forms {
            switch form {
            case .protobuf: forms["protobuf"] = number(count)
            case .json: forms["json"] = number(count)
            case .cbor: forms["cbor"] = number(count)
            case .other: forms["other"] = number(count)
            case .encrypted: break
            }
        }
        return forms
    }

    private var encrypted: JSONValue {
        .array(
            contents.encryptedObjects.map { provider, key, count in
                ["provider": .string(provider), "key": .string(key), "keys": number(count)]
            }
        )
    }

    private func number(_ value: UInt64?) -> JSONValue { value.map { .integer(Int64(clamping: $0)) } ?? .null }
    private func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    private func revision(_ value: Revision?) -> JSONValue { value.map { .integer($0.main) } ?? .null }
}

extension DatabaseContents {
    /// By resource, then namespace.
    package var sortedObjects: [(group: ObjectGroup, count: ObjectCount)] {
        objects.map { ($0.key, $0.value) }.sorted {
            ($0.group.resource, $0.group.namespace ?? "") < ($1.group.resource, $1.group.namespace ?? "")
        }
    }

    /// Live objects that only the API server's key opens, by provider and key.
    package var encryptedObjects: [(provider: String, key: String, count: UInt64)] {
        forms.compactMap { form, count in
            if case .encrypted(let provider, let key) = form { (provider, key, count) } else { nil }
        }
        .sorted { ($0.provider, $0.key) < ($1.provider, $1.key) }
    }
}
