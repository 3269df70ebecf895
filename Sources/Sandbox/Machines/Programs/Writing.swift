import Foundation
import Nodes

/// Programs that change files.
extension Programs {
    static func tee(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let parsed = try OptionTable("tee", flags: "a", words: ["append": ("a", .flag)]).parse(call.arguments)
        var transcript = Transcript()
        transcript.output = call.input
        for path in parsed.operands where path != "/dev/null" {
            do throws(FileError) {
                let before = parsed.has("a") ? state.files.entry(path)?.bytes ?? [] : []
                try state.files.write(path, before + call.input, now: call.now)
            } catch { transcript.complain("tee: \(path): \(error.rawValue)") }
        }
        return transcript.result
    }

    static func touch(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let table = OptionTable("touch", flags: "c")
        let parsed = try table.parse(call.arguments)
        guard !parsed.operands.isEmpty else { throw table.misuse("missing file operand") }
        var transcript = Transcript()
        for path in parsed.operands where !parsed.has("c") || state.files.exists(path) {
            do throws(FileError) { try state.files.touch(path, now: call.now) } catch {
                transcript.complain("touch: cannot touch '\(path)': \(error.rawValue)")
            }
        }
        return transcript.result
    }

    static func mkdir(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let table = OptionTable(
            "mkdir",
            flags: "p",
            values: "m",
            words: ["parents": ("p", .flag), "mode": ("m", .value)]
        )
        let parsed = try table.parse(call.arguments)
        guard !parsed.operands.isEmpty else { throw table.misuse("missing operand") }
        guard let mode = mode(parsed.value("m") ?? "0755") else {
            return .complaint("mkdir", "invalid mode ‘\(parsed.value("m") ?? "")’")
        }
        var transcript = Transcript()
        for path in parsed.operands {
            do throws(FileError) {
                try state.files.makeFolder(path, mode: mode, withParents: parsed.has("p"), now: call.now)
            } catch { transcript.complain("mkdir: cannot create directory ‘\(path)’: \(error.rawValue)") }
        }
        return transcript.result
    }

    /// An octal mode; symbolic ones are not known here.
    static func mode(_ text: String) -> Int? {
        guard let mode = Int(text, radix: 8), (0...0o7777).contains(mode) else { return nil }
        return mode
    }

    static func rm(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let table = OptionTable(
            "rm",
            flags: "rRfdv",
            words: ["recursive": ("r", .flag), "force": ("f", .flag)]
        )
        let parsed = try table.parse(call.arguments)
        guard !parsed.operands.isEmpty || parsed.has("f") else { throw table.misuse("missing operand") }
        var transcript = Transcript()
        for path in parsed.operands {
            guard let entry = state.files.entry(path, followLast: false) else {
                if !parsed.has("f") {
                    transcript.complain("rm: cannot remove '\(path)': \(FileError.notFound.rawValue)")
                }
                continue
            }
            if FileTree.absolute(path) == "/" {
                transcript.complain("rm: it is dangerous to operate recursively on '/'")
            } else if entry.isFolder, !parsed.has("r"), !parsed.has("R") {
                transcript.complain("rm: cannot remove '\(path)': \(FileError.isAFolder.rawValue)")
            } else {
                do throws(FileError) { try state.files.remove(path) } catch {
                    transcript.complain("rm: cannot remove '\(path)': \(error.rawValue)")
                }
            }
        }
        return transcript.result
    }

    static func rmdir(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let table = OptionTable("rmdir")
        let parsed = try table.parse(call.arguments)
        guard !parsed.operands.isEmpty else { throw table.misuse("missing operand") }
        var transcript = Transcript()
        for path in parsed.operands {
            do throws(FileError) {
                guard try state.files.list(path).isEmpty else { throw .notEmpty }
                try state.files.remove(path)
            } catch { transcript.complain("rmdir: failed to remove '\(path)': \(error.rawValue)") }
        }
        return transcript.result
    }

    static func chmod(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let table = OptionTable("chmod")
        let parsed = try table.parse(call.arguments)
        guard parsed.operands.count >= 2 else { throw table.misuse("missing operand") }
        guard let mode = mode(parsed.operands[0]) else { throw table.misuse("invalid mode: ‘\(parsed.operands[0])’") }
        var transcript = Transcript()
        for path in parsed.operands.dropFirst() {
            do throws(FileError) { try state.files.setMode(path, mode) } catch {
                transcript.complain("chmod: cannot access '\(path)': \(error.rawValue)")
            }
        }
        return transcript.result
    }

    /// Root is the only user here.
    static func chown(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let table = OptionTable("chown", flags: "R")
        let parsed = try table.parse(call.arguments)
        guard parsed.operands.count >= 2 else { throw table.misuse("missing operand") }
        guard ["root", "root:root", "0:0", "0", "root:"].contains(parsed.operands[0]) else {
            return .complaint("chown", "invalid user: ‘\(parsed.operands[0])’")
        }
        var transcript = Transcript()
        for path in parsed.operands.dropFirst() where !state.files.exists(path) {
            transcript.complain("chown: cannot access '\(path)': \(FileError.notFound.rawValue)")
        }
        return transcript.result
    }

    static func ln(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let table = OptionTable("ln", flags: "sf")
        let parsed = try table.parse(call.arguments)
        guard parsed.operands.count == 2, parsed.has("s") else { throw table.misuse("missing file operand") }
        if parsed.has("f") { try? state.files.remove(parsed.operands[1]) }
        do throws(FileError) {
            try state.files.makeLink(parsed.operands[1], to: parsed.operands[0], now: call.now)
            return .out("")
        } catch {
            return .complaint("ln", "failed to create symbolic link '\(parsed.operands[1])': \(error.rawValue)")
        }
    }

    static func mktemp(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let table = OptionTable("mktemp", flags: "d")
        let parsed = try table.parse(call.arguments)
        let template = parsed.operands.first ?? "/tmp/tmp.XXXXXXXXXX"
        let stem = String(template.reversed().drop { $0 == "X" }.reversed())
        let count = template.count - stem.count
        guard count >= 3 else { return .complaint("mktemp", "too few X's in template ‘\(template)’") }
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
        let path = stem + String((0..<count).map { _ in letters[Int.random(in: 0..<letters.count)] })
        do throws(FileError) {
            if parsed.has("d") {
                try state.files.makeFolder(path, mode: 0o700, now: call.now)
            } else {
                try state.files.write(path, [], mode: 0o600, now: call.now)
            }
            return .out(path + "\n")
        } catch { return .complaint("mktemp", "failed to create file via template ‘\(template)’: \(error.rawValue)") }
    }

    static func cp(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let table = OptionTable(
            "cp",
            flags: "aprRfTn",
            values: "t",
            words: [
                "archive": ("a", .flag), "recursive": ("r", .flag), "preserve": ("p", .optionalValue),
                "force": ("f", .flag), "no-target-directory": ("T", .flag), "no-clobber": ("n", .flag),
            ]
        )
        let parsed = try table.parse(call.arguments)
        let (sources, target) = try operands(parsed, table)
        let isRecursive = parsed.has("a") || parsed.has("r") || parsed.has("R")
        var transcript = Transcript()
        for source in sources {
            let place = place(of: source, at: target, parsed, state)
            if parsed.has("n"), state.files.exists(place) { continue }
            if !state.files.exists(source), source != "/dev/stdin" {
                transcript.complain("cp: cannot stat '\(source)': \(FileError.notFound.rawValue)")
            } else if state.files.isFolder(source), !isRecursive {
                transcript.complain("cp: -r not specified; omitting directory '\(source)'")
            } else {
                let keepsTimes = parsed.has("a") || parsed.has("p")
                do throws(FileError) { try copy(source, place, call, keepsTimes: keepsTimes, &state) } catch {
                    transcript.complain("cp: cannot create regular file '\(place)': \(error.rawValue)")
                }
            }
        }
        return transcript.result
    }

    private static func operands(
        _ parsed: OptionTable.Parsed,
        _ table: OptionTable
    ) throws(OptionTable.Misuse) -> ([String], String) {
        if let target = parsed.value("t") { return (parsed.operands, target) }
        guard let first = parsed.operands.first else { throw table.misuse("missing file operand") }
        guard let target = parsed.operands.dropFirst().last else {
            throw table.misuse("missing destination file operand after '\(first)'")
        }
        return (Array(parsed.operands.dropLast()), target)
    }

    /// Where a source goes: into the target if that is a folder.
    private static func place(
        of source: String,
        at target: String,
        _ parsed: OptionTable.Parsed,
        _ state: MachineState
    ) -> String {
        guard state.files.isFolder(target), !parsed.has("T") else { return target }
        return target.hasSuffix("/") ? target + FileTree.name(source) : "\(target)/\(FileTree.name(source))"
    }

    private static func copy(
        _ source: String,
        _ target: String,
        _ call: Invocation,
        keepsTimes: Bool,
        _ state: inout MachineState
    ) throws(FileError) {
        if source == "/dev/stdin" { return try state.files.write(target, call.input, now: call.now) }
        guard let entry = state.files.entry(source) else { throw .notFound }
        let time = keepsTimes ? entry.modified : call.now
        guard entry.isFolder else {
            // An existing target keeps its mode unless attributes are preserved.
            let mode = keepsTimes || !state.files.exists(target) ? entry.mode : nil
            return try state.files.write(target, entry.bytes ?? [], mode: mode, now: time)
        }
        if !state.files.isFolder(target) { try state.files.makeFolder(target, mode: entry.mode, now: time) }
        for name in try state.files.list(source) {
            try copy("\(source)/\(name)", "\(target)/\(name)", call, keepsTimes: keepsTimes, &state)
        }
    }

    static func mv(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let table = OptionTable(
            "mv",
            flags: "fTn",
            words: ["force": ("f", .flag), "no-target-directory": ("T", .flag), "no-clobber": ("n", .flag)]
        )
        let parsed = try table.parse(call.arguments)
        let (sources, target) = try operands(parsed, table)
        var transcript = Transcript()
        for source in sources {
            let place = place(of: source, at: target, parsed, state)
            if parsed.has("n"), state.files.exists(place) { continue }
            guard state.files.entry(source, followLast: false) != nil else {
                transcript.complain("mv: cannot stat '\(source)': \(FileError.notFound.rawValue)")
                continue
            }
            do throws(FileError) { try state.files.rename(source, to: place) } catch {
                transcript.complain("mv: cannot move '\(source)' to '\(place)': \(error.rawValue)")
            }
        }
        return transcript.result
    }

    static func install(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let table = OptionTable(
            "install",
            flags: "dDT",
            values: "mogt",
            words: [
                "directory": ("d", .flag), "mode": ("m", .value), "owner": ("o", .value), "group": ("g", .value),
                "no-target-directory": ("T", .flag),
            ]
        )
        let parsed = try table.parse(call.arguments)
        guard let mode = mode(parsed.value("m") ?? "0755") else {
            return .complaint("install", "invalid mode ‘\(parsed.value("m") ?? "")’")
        }
        var transcript = Transcript()
        if parsed.has("d") {
            guard !parsed.operands.isEmpty else { throw table.misuse("missing file operand") }
            for path in parsed.operands {
                do throws(FileError) {
                    try state.files.makeFolder(path, mode: mode, withParents: true, now: call.now)
                    try state.files.setMode(path, mode)
                } catch { transcript.complain("install: cannot create directory ‘\(path)’: \(error.rawValue)") }
            }
            return transcript.result
        }
        let (sources, target) = try operands(parsed, table)
        for source in sources {
            let place = place(of: source, at: target, parsed, state)
            guard let bytes = try? content(source, call, state) else {
                transcript.complain("install: cannot stat '\(source)': \(FileError.notFound.rawValue)")
                continue
            }
            do throws(FileError) {
                if parsed.has("D") {
                    try state.files.makeFolder(
                        FileTree.parent(FileTree.absolute(place)),
                        withParents: true,
                        now: call.now
                    )
                }
                try state.files.write(place, bytes, mode: mode, now: call.now)
            } catch { transcript.complain("install: cannot create regular file '\(place)': \(error.rawValue)") }
        }
        return transcript.result
    }
}
