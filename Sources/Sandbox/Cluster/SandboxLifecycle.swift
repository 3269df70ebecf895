import Foundation
import Glibc
package import KubernetesModel

/// Starting, ending and listing sandboxes from outside: what the commands call.
package enum SandboxLifecycle {
    /// Starts a sandbox in the background and returns once its cluster is ready; `progress` is told each phase.
    package static func up(
        _ spec: SandboxSpec,
        root: String = SandboxFolder.defaultRoot(),
        program: String = "/proc/self/exe",
        progress: (String) -> Void
    ) async throws(SandboxError) -> SandboxState {
        let folder = SandboxFolder(root: root, name: spec.name)
        if let state = try? SandboxState.read(folder), state.process.isRunning {
            throw .alreadyUp(name: spec.name, pid: state.process.pid)
        }
        if spec.storage == .etcd { _ = try EtcdBinary.find() }
        try await clear(folder)
        try folder.create()
        let process: DetachedProcess
        do {
            let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: program)) ?? program
            process = try DetachedProcess(program: executable, arguments: arguments(spec), log: folder.log)
        } catch { throw .didNotStart(name: spec.name, reason: "\(error)", log: folder.log) }
        for await line in process.lines() {
            if line == SandboxDaemon.readyLine { return try SandboxState.read(folder) }
            progress(line)
        }
        let reason = lastLine(of: folder.log) ?? "its process ended at once"
        throw .didNotStart(name: spec.name, reason: reason, log: folder.log)
    }

    private static func arguments(_ spec: SandboxSpec) -> [String] {
        [
            "sandbox", "serve", "--name", spec.name, "--control-planes", "\(spec.controlPlanes)",
            "--workers", "\(spec.workers)", "--version", "\(spec.version)", "--speed", "\(spec.speed)",
            "--storage", spec.storage.rawValue, "--repository", spec.repository.rawValue,
        ]
    }

    private static func lastLine(of file: String) -> String? {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
        return text.split(separator: "\n").last.map(String.init)
    }

    /// Ends a sandbox and removes its folder; one that is half gone is cleared away all the same.
    package static func down(_ folder: SandboxFolder) async throws(SandboxError) {
        guard FileManager.default.fileExists(atPath: folder.path) else {
            throw .notUp(name: folder.name, folder: folder.root)
        }
        try await clear(folder)
        try folder.remove()
    }

    /// Ends whatever processes a sandbox of this folder still has: first by asking it, then by their ids.
    private static func clear(_ folder: SandboxFolder) async throws(SandboxError) {
        let state = try? SandboxState.read(folder)
        if let state, state.process.isRunning {
            _ = try? await ControlClient(folder).ask(["request": "stop"])
            if await !hasEnded(state.process, within: .seconds(15)) { kill(state.process.pid, SIGKILL) }
            _ = await hasEnded(state.process, within: .seconds(5))
        }
        for member in MemberProcesses.recorded(in: folder) where member.isRunning {
            kill(member.pid, SIGKILL)
            _ = await hasEnded(member, within: .seconds(5))
        }
        try folder.remove()
    }

    /// There is no event for the end of another process's child: its entry in /proc is looked at.
    private static func hasEnded(_ process: ProcessIdentity, within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while process.isRunning {
            guard ContinuousClock.now < deadline else { return false }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return true
    }

    /// A line of `sandbox list`.
    package struct Summary: Sendable {
        package var state: SandboxState
        package var isRunning: Bool

        package var row: [String] {
            let spec = state.spec
            return [
                spec.name, isRunning ? "Running" : "Dead", "\(spec.version)", "\(spec.controlPlanes)",
                "\(spec.workers)", spec.storage.rawValue, state.server,
            ]
        }

        package var value: JSONValue {
            let spec = state.spec
            return [
                "name": .string(spec.name), "state": isRunning ? "Running" : "Dead",
                "startedAs": .string("\(spec.version)"), "controlPlanes": .integer(Int64(spec.controlPlanes)),
                "workers": .integer(Int64(spec.workers)), "storage": .string(spec.storage.rawValue),
                "server": .string(state.server), "pid": .integer(Int64(state.process.pid)),
            ]
        }
    }

    package static func list(root: String = SandboxFolder.defaultRoot()) throws(SandboxError) -> [Summary] {
        var summaries: [Summary] = []
        for name in SandboxFolder.names(root: root) {
            let state = try SandboxState.read(SandboxFolder(root: root, name: name))
            summaries.append(Summary(state: state, isRunning: state.process.isRunning))
        }
        return summaries
    }

    /// Creates or updates the objects of a manifest file (`-`: standard input) and says what was done, as kubectl does.
    package static func load(file: String, into folder: SandboxFolder) async throws(SandboxError) -> [String] {
        let text: String
        do {
            let data =
                file == "-"
                ? try FileHandle.standardInput.readToEnd() ?? Data() : try Data(contentsOf: URL(filePath: file))
            text = String(decoding: data, as: UTF8.self)
        } catch {
            let isMissing = file != "-" && !FileManager.default.fileExists(atPath: file)
            throw .manifest(file: file, reason: isMissing ? "there is no such file" : error.localizedDescription)
        }
        return try await load(text, named: file, into: folder)
    }

    package static func load(
        _ manifests: String,
        named file: String,
        into folder: SandboxFolder
    ) async throws(SandboxError) -> [String] {
        let objects: [KubernetesObject]
        do { objects = try YAML.objects(in: manifests) } catch { throw .manifest(file: file, reason: "\(error)") }
        _ = try SandboxState.read(folder)
        let reply = try await ControlClient(folder).ask([
            "request": "load", "objects": .array(objects.map(\.value)),
        ])
        return reply.strings
    }

    /// Waits until every workload of the sandbox runs at full strength and every Job has ended.
    package static func settle(_ folder: SandboxFolder) async throws(SandboxError) {
        _ = try SandboxState.read(folder)
        _ = try await ControlClient(folder).ask(["request": "settle"])
    }

    /// Puts a fault into a running sandbox; its number is what clears it.
    package static func add(_ fault: Fault, to folder: SandboxFolder) async throws(SandboxError) -> Int {
        _ = try SandboxState.read(folder)
        return try await ControlClient(folder).ask(["request": "fault", "fault": fault.value]).int ?? 0
    }

    /// Clears one fault, or all.
    package static func clearFault(_ number: Int?, in folder: SandboxFolder) async throws(SandboxError) {
        _ = try SandboxState.read(folder)
        var request: JSONValue = ["request": "clear"]
        request["number"] = number.map { .integer(Int64($0)) }
        _ = try await ControlClient(folder).ask(request)
    }

    /// The faults in force: number and description.
    package static func faults(in folder: SandboxFolder) async throws(SandboxError) -> [(number: Int, text: String)] {
        _ = try SandboxState.read(folder)
        return (try await ControlClient(folder).ask(["request": "faults"]).array ?? []).map {
            ($0["number"]?.int ?? 0, $0["text"]?.string ?? "")
        }
    }

    /// Every command that ran on the sandbox's nodes: node, exit code, command.
    package static func commands(in folder: SandboxFolder) async throws(SandboxError) -> [String] {
        _ = try SandboxState.read(folder)
        return try await ControlClient(folder).ask(["request": "commands"]).strings
    }

    /// The effects of clients of ours since a kill was last asked for (``Fault/killClient(_:)``).
    package static func effects(in folder: SandboxFolder) async throws(SandboxError) -> [String] {
        _ = try SandboxState.read(folder)
        return try await ControlClient(folder).ask(["request": "effects"]).strings
    }
}
