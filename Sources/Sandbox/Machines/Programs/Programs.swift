import Nodes

/// The programs of a machine that do their work at once.
enum Programs {
    typealias Program =
        @Sendable (_ invocation: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult

    static let all: [String: Program] = [
        "cat": cat, "tee": tee, "ls": ls, "stat": stat, "test": test, "[": test, "cp": cp, "mv": mv, "rm": rm,
        "rmdir": rmdir, "mkdir": mkdir, "touch": touch, "chmod": chmod, "chown": chown, "ln": ln,
        "readlink": readlink, "install": install, "mktemp": mktemp, "sha256sum": sha256sum, "head": head,
        "tail": tail, "wc": wc, "grep": grep, "find": find, "df": df, "uname": uname, "date": date,
        "hostname": hostname, "id": id, "whoami": whoami, "pgrep": pgrep, "sync": sync, "true": succeed,
        "false": fail, "echo": echo, "kubelet": kubelet, "kubectl": kubectl, "containerd": containerd,
        "dpkg-query": dpkgQuery, "apt-mark": aptMark, "apt-cache": aptCache,
    ]

    static func run(_ invocation: Invocation, on state: inout MachineState) -> CommandResult {
        guard let program = all[invocation.program] else { return notFound(invocation.program) }
        do { return try program(invocation, &state) } catch { return error.result }
    }

    /// What a login shell says. There is no shell to hand a line to, so `sh` is unknown, too.
    static func notFound(_ program: String) -> CommandResult {
        CommandResult(exitCode: 127, output: "", errorOutput: "bash: \(program): command not found\n")
    }

    /// The arguments of a program that takes none, or whose options do not matter here.
    private static func succeed(_ invocation: Invocation, _ state: inout MachineState) -> CommandResult { .out("") }
    private static func fail(_ invocation: Invocation, _ state: inout MachineState) -> CommandResult {
        CommandResult(exitCode: 1)
    }
}
