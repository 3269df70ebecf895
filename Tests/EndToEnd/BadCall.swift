import Foundation
import Testing

/// A call that must be refused: its words, the exit code it must end with, and the line that must say why.
///
/// In words and line, `{…}` stands for something of the sandbox: see ``RunningSandbox/filled(_:)``.
struct BadCall: Sendable {
    enum Place: Sendable {
        /// Standard error is this line and nothing else.
        case only
        /// The command line's usage follows.
        case beforeUsage
        /// The plan was shown first.
        case afterPlan
    }

    var words: [String]
    var code: Int32
    var place: Place
    var line: String

    init(_ words: String..., code: Int32, _ place: Place = .only, says line: String) {
        self.words = words
        self.code = code
        self.place = place
        self.line = line
    }
}

extension RunningSandbox {
    /// Makes each call, in order, and sees that it is refused as it should be: in one line, without a result, without
    /// a trap.
    func expectRefused(
        _ calls: [BadCall],
        _ extra: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for call in calls {
            let words = try await filled(call.words)
            let outcome = try await Program.keelstep(environment.merging(extra) { $1 }).run(words)
            expect(outcome, code: call.code, sourceLocation: sourceLocation)
            let line = try await filled([call.line])[0]
            let lines = outcome.errors.split(separator: "\n").map(String.init)
            switch call.place {
            case .only: #expect(lines == ["keelstep: \(line)"], "\(outcome)", sourceLocation: sourceLocation)
            case .afterPlan: #expect(lines.last == "keelstep: \(line)", "\(outcome)", sourceLocation: sourceLocation)
            case .beforeUsage:
                #expect(lines.first == "Error: \(line)", "\(outcome)", sourceLocation: sourceLocation)
                #expect(lines.last?.contains("--help' for more information.") ?? false, sourceLocation: sourceLocation)
            }
            #expect(outcome.output.isEmpty, "\(outcome)", sourceLocation: sourceLocation)
        }
    }

    /// `{name}`, `{folder}`, `{server}`, and `{uid}`, that of the cluster.
    func filled(_ texts: [String]) async throws -> [String] {
        var uid = ""
        if texts.contains(where: { $0.contains("{uid}") }) { uid = try await clusterUID() }
        return texts.map {
            $0.replacing("{name}", with: name).replacing("{folder}", with: folder)
                .replacing("{server}", with: state.server).replacing("{uid}", with: uid)
        }
    }

    func clusterUID() async throws -> String {
        let outcome = try await kubectl().run("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}")
        expect(outcome)
        return outcome.output
    }

    /// Runs `body`, in which the program must change nothing: not on the API, and on nodes only the scratch folder
    /// that it reads package lists in.
    func expectUntouched(
        sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async throws {
        try await fault("kill-client")
        try await body()
        let effects = try await effects()
        let harmless = [
            "cat /", "df ", "find /", "dpkg-query ", "kubeadm version ", "kubeadm certs check-expiration",
            "kubelet --version",
            "install -d -m 0700 /run/keelstep ", "install -m 0600 /dev/stdin /run/keelstep/", "rm -rf /run/keelstep/",
            "apt-get update -o Dir::State::lists=/run/keelstep/", "apt-cache madison ",
        ]
        let changes = effects.filter { effect in
            guard let space = effect.firstIndex(of: " ") else { return true }
            let command = effect[effect.index(after: space)...].replacing("LC_ALL=C ", with: "", maxReplacements: 1)
            return !harmless.contains { command.hasPrefix($0) }
        }
        #expect(changes == [], sourceLocation: sourceLocation)
        #expect(try await cordonedNodes() == [], sourceLocation: sourceLocation)
        let left = try await kubectl().run(
            "get",
            "configmap/keelstep-run",
            "lease/keelstep",
            "-n",
            "kube-system",
            "--ignore-not-found",
            "-o",
            "name"
        )
        expect(left, sourceLocation: sourceLocation)
        #expect(left.output.isEmpty, "\(left)", sourceLocation: sourceLocation)
    }

    /// Writes a file of the story into the sandbox's folder, and gives its path.
    @discardableResult
    func write(_ text: String, as name: String) throws -> String { try write(Data(text.utf8), as: name) }

    @discardableResult
    func write(_ data: Data, as name: String) throws -> String {
        let path = "\(folder)/\(name)"
        try data.write(to: URL(filePath: path))
        return path
    }

    func text(of name: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }
}
