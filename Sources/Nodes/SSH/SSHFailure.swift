/// Why `ssh` did not get through, from what it says (OpenSSH's texts), with what helps.
enum SSHFailure: Error, Sendable, Hashable {
    /// It may be away for a while: what was to be done may be tried again.
    case away(String)
    /// It is there and does not let us in; trying again changes nothing.
    case notAdmitted(String)

    init(_ errorText: String, route: SSHRoute) {
        let host = route.host
        let text = errorText
        func has(_ words: String...) -> Bool { words.contains { text.contains($0) } }
        if has("REMOTE HOST IDENTIFICATION HAS CHANGED") {
            let place = Self.offendingKey(in: text).map { " (\($0))" } ?? ""
            self = .notAdmitted(
                "its host key is not the one known for \(host)\(place): the node was set up anew, or somebody stands "
                    + "between; when you know that it was set up anew, remove the old key with "
                    + "`ssh-keygen -R \(host)` and connect once with ssh"
            )
        } else if has("Host key verification failed", "host key is known for") {
            self = .notAdmitted(
                "its host key is not known yet; connect to \(host) once with ssh and compare the fingerprint, "
                    + "or run `keelstep init --accept-new-host-keys`"
            )
        } else if has("Permission denied", "Too many authentication failures", "No supported authentication methods") {
            self = .notAdmitted(
                "it does not let \(route.userText) in: \(Self.lastLine(text)); is the key in the agent, and in the "
                    + "node's authorized_keys?"
            )
        } else if has("Could not resolve hostname") {
            self = .notAdmitted("the name \(host) cannot be resolved; say `host` in keelstep.yaml")
        } else if has(
            "Bad owner or permissions",
            "Bad configuration option",
            "no such identity",
            "Can't open user config"
        ) {
            self = .notAdmitted("ssh's own configuration is refused: \(Self.lastLine(text))")
        } else {
            let words = Self.lastLine(text)
            self = .away(words.isEmpty ? "the connection ended without a word" : words)
        }
    }

    /// `Offending ED25519 key in /root/.ssh/known_hosts:3`
    private static func offendingKey(in text: String) -> String? {
        text.split(whereSeparator: \.isNewline).lazy.compactMap { line -> String? in
            guard line.hasPrefix("Offending"), let place = line.split(separator: " ").last else { return nil }
            return String(place)
        }.first
    }

    static func lastLine(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
        return String((lines.last ?? "").prefix(300))
    }
}
