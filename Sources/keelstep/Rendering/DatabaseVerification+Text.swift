import Bolt
import Etcd

extension DatabaseVerification {
    /// As people read it. Of a file that holds no database there is nothing to show.
    var lines: [String] {
        guard let meta, let kind else { return [] }
        var facts: [(String, String)] = [
            ("File", "\(path), \(ByteText.text(bytes)) (\(bytes) bytes)"),
            ("Kind", kindText(kind)),
            ("Pages", "\(check.pageCount) of \(meta.pageSize) bytes: \(check.usedPages) used, \(check.freePages) free"),
            ("Hash", check.isSound ? String(contents.hash, radix: 16) : "not known: pages are damaged"),
            ("HashKV", hashText),
            ("Revisions", revisionText),
            ("Compacted", compactionText),
            ("Keys", "\(contents.liveKeys) live, \(contents.keysWithLease) of them with a lease"),
            ("Rows", "\(contents.rows), \(contents.tombstones) of them deletions"),
            ("Leases", "\(contents.leases)"),
            ("Index, term", "\(text(contents.consistentIndex)), \(text(contents.term))"),
            ("Versions", "cluster \(contents.clusterVersion ?? "-"), storage \(contents.storageVersion ?? "-")"),
            ("Auth", authText),
        ]
        facts += contents.members.map { ("Member", memberText($0)) }
        facts += contents.removedMembers.map { ("Removed", String($0, radix: 16)) }
        facts += contents.alarms.map { ("Alarm", "\($0.kind) of member \(String($0.memberID, radix: 16))") }
        facts += contents.encryptedObjects.map {
            ("Encrypted", "\($0.count) objects by \($0.provider), key '\($0.key)'")
        }
        facts += contents.unknownTypes.map { ("Not decoded", "\($1) of the type \($0), which is not known here") }
            .sorted {
                $0.1 < $1.1
            }
        let width = (facts.map(\.0.count).max() ?? 0) + 3
        var lines = facts.map { name, text in
            name + String(repeating: " ", count: width - name.count) + text
        }
        lines += table("RESOURCE") { $0.resource }
        lines += table("NAMESPACE") { $0.namespace ?? "-" }
        return lines
    }

    /// What is wrong, a line each, and what to do; empty for a sound file.
    var troubles: [String] {
        guard !isSound else { return [] }
        var lines = damages.map { "\(path): \($0)" }
        if damageCount > damages.count { lines.append("\(path): and \(damageCount - damages.count) more") }
        lines.append(
            "\(path) is damaged: take another snapshot while the cluster runs, or use an older one that verifies; "
                + "do not restore from this one"
        )
        return lines
    }

    private func kindText(_ kind: StoredDatabase.Kind) -> String {
        switch (kind, sha256) {
        case (.raw, _): "a copied database without a SHA-256: its pages and rows are all that can be verified"
        case (.snapshot, let sum?) where sum == storedSHA256: "snapshot, SHA-256 \(sum)"
        case (.snapshot, _): "snapshot, of another SHA-256 than it was saved with"
        }
    }

    private var hashText: String {
        guard check.isSound else { return "not known: pages are damaged" }
        let compacted = contents.compacted.map { ", compacted at \($0)" } ?? ""
        return "\(contents.hashKV) at revision \(contents.lastRevision?.main ?? 0)\(compacted)"
    }

    private var revisionText: String {
        guard let first = contents.firstRevision, let last = contents.lastRevision else { return "none" }
        return "\(first.main) to \(last.main), current \(contents.revision)"
    }

    private var compactionText: String {
        guard let compacted = contents.compacted else { return "never" }
        let isFinished = contents.finishedCompaction == contents.scheduledCompaction
        return "\(compacted)" + (isFinished ? "" : ", finished \(text(contents.finishedCompaction?.main))")
    }

    private var authText: String {
        (contents.isAuthEnabled ? "on" : "off") + ", \(contents.users) users, \(contents.roles) roles"
    }

    private func memberText(_ member: StoredMember) -> String {
        let name = member.name.isEmpty ? "not started" : member.name
        return "\(String(member.id, radix: 16)) \(name)\(member.isLearner ? " (learner)" : "") "
            + member.peerURLs.joined(separator: ",")
    }

    private func text(_ value: (some BinaryInteger)?) -> String { value.map { "\($0)" } ?? "-" }

    /// Counts by what `name` says of each group, the largest first.
    private func table(_ title: String, by name: (ObjectGroup) -> String) -> [String] {
        var counts: [String: ObjectCount] = [:]
        for (group, count) in contents.objects { counts[name(group), default: ObjectCount()].add(count) }
        if contents.otherKeys.allRows > 0, title == "RESOURCE" { counts["(other keys)"] = contents.otherKeys }
        guard !counts.isEmpty else { return [] }
        let rows = counts.sorted { ($1.value.allBytes, $0.key) < ($0.value.allBytes, $1.key) }.map { name, count in
            [
                name, "\(count.keys)", ByteText.text(count.bytes), "\(count.allRows)", ByteText.text(count.allBytes),
            ]
        }
        return [""] + TextTable.lines(header: [title, "KEYS", "SIZE", "REVISIONS", "SIZE OF ALL"], rows: rows)
    }
}
