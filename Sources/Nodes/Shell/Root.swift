/// How commands become root's.
enum Root: Sendable, Hashable {
    /// The user is root already.
    case already
    /// `sudo` asks for nothing.
    case sudo
    /// `sudo` asks for this password, on standard input.
    case sudoWithPassword([UInt8])

    var rights: NodeLogin.Rights {
        switch self {
        case .already: .root
        case .sudo: .sudo
        case .sudoWithPassword: .sudoWithPassword
        }
    }

    /// The argument vector that runs `program` as root.
    func arguments(_ program: [String]) -> [String] {
        switch self {
        case .already: program
        case .sudo: ["sudo", "-n", "--"] + program
        // -k: a password that sudo remembers would not be read, and would reach the command as its input.
        case .sudoWithPassword: ["sudo", "-k", "-S", "-p", "", "--"] + program
        }
    }

    func input(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .already, .sudo: bytes
        case .sudoWithPassword(let password): password + [UInt8(ascii: "\n")] + bytes
        }
    }

    /// What `sudo` says when it lets nobody through, in words that help; nil for anything else.
    static func refusal(_ errorText: String, user: String) -> String? {
        let text = errorText.lowercased()
        guard text.contains("sudo") || text.contains("password") else { return nil }
        if text.contains("command not found") || text.contains("sudo: not found") {
            return "there is no sudo, and \(user) is not root; install sudo or log in as root"
        }
        if text.contains("a password is required") || text.contains("no password was provided") {
            return
                "sudo wants a password of \(user); allow it without one (NOPASSWD), or say `sudo: ask` in keelstep.yaml"
        }
        if text.contains("incorrect password") || text.contains("try again") {
            return "sudo does not accept the password of \(user)"
        }
        if text.contains("is not in the sudoers") || text.contains("not allowed to") || text.contains("may not run") {
            return "sudo lets \(user) not run commands as root; add the user to the sudoers"
        }
        if text.contains("must have a tty") {
            return "sudo wants a terminal (requiretty in sudoers); switch that off for \(user)"
        }
        return nil
    }
}
