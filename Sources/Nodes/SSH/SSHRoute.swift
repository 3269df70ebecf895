package import Settings

/// How `ssh` is to be called for one node. OpenSSH's own configuration stays in force for all that is not said here.
package struct SSHRoute: Sendable, Hashable {
    /// A name or an address, as the ssh configuration knows it.
    package var host: String
    package var access: SSHAccess

    package init(host: String, access: SSHAccess) {
        self.host = host
        self.access = access
    }

    /// The user whom `ssh` will log in as, for messages; nil leaves it to the configuration.
    var userText: String { access.user ?? "the user" }

    /// Arguments of `ssh` before those that say what is to be done; `control` is the path of the shared connection.
    ///
    /// Given on the command line, they come before every configuration file (ssh_config(5): the first value counts).
    func arguments(control: String, _ further: [String: String] = [:]) -> [String] {
        var options = [
            "BatchMode": "yes",
            "StrictHostKeyChecking": access.acceptsNewHostKeys ? "accept-new" : "yes",
            "ConnectTimeout": "10",
            "ServerAliveInterval": "10",
            "ServerAliveCountMax": "3",
            "ControlPath": control,
            "ControlMaster": "no",
            "LogLevel": "ERROR",
            "RequestTTY": "no",
            "RemoteCommand": "none",
            "PermitLocalCommand": "no",
            "ForwardX11": "no",
            "ClearAllForwardings": "yes",
        ]
        options.merge(further) { $1 }
        var arguments: [String] = []
        if let file = access.configFile { arguments += ["-F", file] }
        for (key, value) in options.sorted(by: { $0.key < $1.key }) { arguments += ["-o", "\(key)=\(value)"] }
        if let port = access.port { arguments += ["-p", String(port)] }
        if let user = access.user { arguments += ["-l", user] }
        if let file = access.identityFile { arguments += ["-i", file] }
        if let jump = access.jump { arguments += ["-J", jump] }
        return arguments
    }
}
