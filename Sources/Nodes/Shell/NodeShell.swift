/// How a command runs on a Linux node so that its fate is known even when the connection to it is lost.
///
/// A command that changes something gets a record on the node, `/run/keelstep/commands/<id>/`: its input, output and,
/// when it has ended, its exit code. It runs in a session of its own, so no lost connection ends it. Whoever runs the
/// same record again does not start it twice but waits for its end and reads its result. The folder lies in memory: a
/// full disk does not matter, and a boot clears it, which the boot id tells. Reading and secret commands leave no
/// record; they may be repeated.
///
/// The script needs a POSIX shell, util-linux (`setsid`, `flock`) and coreutils.
struct NodeShell: Sendable, Hashable {
    let command: Command
    /// Names the record, and marks the end of the output. Letters and digits.
    let id: String

    init(_ command: Command, id: String = Self.newID()) {
        self.command = command
        self.id = id
    }

    var isRecorded: Bool { !command.isReadOnly && !command.isSecret }

    /// The arguments of `sh`, which reads the command's own input.
    var arguments: [String] {
        let variables = command.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let call = (variables.isEmpty ? [] : ["env"] + variables) + command.arguments
        let script = isRecorded ? Self.recorded : Self.direct
        return ["-c", script, "keelstep", id, String(command.input.count)] + call
    }

    /// What became of the command, told by the last line of what the script printed.
    enum Reply: Sendable, Hashable {
        case finished(CommandResult)
        /// It was started and has ended, and nobody knows how: it was killed together with its shell.
        case lost
        /// The script's own end is missing: it did not get so far, or the connection did not.
        case cutOff
    }

    func reply(output: [UInt8], errorOutput: [UInt8]) -> Reply {
        guard let mark = output.lastIndex(of: UInt8(ascii: "\n")), mark == output.count - 1,
            let start = output[..<mark].lastIndex(of: UInt8(ascii: "\n"))
        else { return .cutOff }
        let words = String(decoding: output[(start + 1)..<mark], as: UTF8.self).split(separator: " ")
        guard words.count == 2, words[0] == id else { return .cutOff }
        if words[1] == "lost" { return .lost }
        guard let code = Int(words[1]), (0...255).contains(code) else { return .cutOff }
        return .finished(CommandResult(exitCode: code, output: Array(output[..<start]), errorOutput: errorOutput))
    }

    static func newID() -> String {
        (0..<4).map { _ in
            let digits = String(UInt32.random(in: 0...UInt32.max), radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    /// Root's own search path: that of an SSH session may lack the folders of system programs.
    private static let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH; export PATH"

    private static let direct = """
        \(path)
        end=$1; shift 2
        "$@"
        code=$?
        printf '\\n%s %s\\n' "$end" "$code"
        """

    /// The lock is held by the command's own shell for as long as it lives, and waited for by all others.
    private static let recorded = """
        \(path)
        umask 022
        id=$1; size=$2; shift 2
        top=/run/keelstep/commands; dir=$top/$id
        if [ ! -d "$dir" ]; then
          mkdir -p -m 0700 /run/keelstep "$top" || exit 120
          find "$top" -mindepth 1 -maxdepth 1 -mmin +1440 -exec rm -rf {} + 2>/dev/null
          new=$(mktemp -d "$top/.new.XXXXXX") || exit 120
          cat >"$new/input"
          if [ "$(wc -c <"$new/input")" -ne "$size" ]; then rm -rf "$new"; exit 121; fi
          printf '%s\\n' "$@" >"$new/arguments"
          exec 9>"$new/lock"
          flock 9
          if mv -T "$new" "$dir" 2>/dev/null; then
            setsid sh -c 'cd /; dir=$1; shift; \
        "$@" <"$dir/input" >"$dir/output" 2>"$dir/error" 9>&-; echo $? >"$dir/code"' \
              keelstep "$dir" "$@" </dev/null >/dev/null 2>&1 &
          else
            rm -rf "$new"
          fi
          exec 9>&-
        fi
        flock -s "$dir/lock" true
        if [ -s "$dir/code" ]; then
          cat "$dir/error" >&2
          cat "$dir/output"
          printf '\\n%s %s\\n' "$id" "$(cat "$dir/code")"
        else
          printf '\\n%s lost\\n' "$id"
        fi
        """
}
