import ArgumentParser
import Foundation
import KubernetesClient
import KubernetesModel
import Settings
import Survey

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write keelstep.yaml from a kubeconfig, and try how every node is reached.",
        discussion: """
            Each node is tried over SSH, by its InternalIP and then by its name, as ssh's own configuration, agent and \
            known_hosts have it. The file is written also when a node could not be reached: the exit code is then 1, and \
            the reason is told.
            """
    )

    @Option(help: "The kubeconfig; otherwise $KUBECONFIG, then ~/.kube/config.") var kubeconfig: String?
    @Option(help: "The context in the kubeconfig.") var context: String?
    @Option(help: "The file to write.") var file = "keelstep.yaml"
    @Flag(help: "Write it also over a file that is there already.") var force = false
    @Option(help: ArgumentHelp("The user on the nodes; otherwise what ssh's configuration says.", valueName: "name"))
    var user: String?
    @Option(help: "The port of the nodes' sshd.") var port: Int?
    @Option(name: .customLong("identity-file"), help: "The key to log in with.") var identityFile: String?
    @Option(name: .customLong("ssh-config"), help: "ssh's configuration, in place of ~/.ssh/config.")
    var configuration: String?
    @Option(help: ArgumentHelp("The host to go through, as ssh's ProxyJump.", valueName: "host")) var jump: String?
    @Flag(name: .customLong("accept-new-host-keys"), help: "Take host keys that are not known yet for right.")
    var acceptsNewHostKeys = false
    @Flag(name: .customLong("ask-sudo-password"), help: "Ask for the password that sudo wants on the nodes.")
    var asksForSudoPassword = false

    func validate() throws {
        if let port, !(1...65535).contains(port) { throw ValidationError("--port is 1 to 65535") }
        for word in [user, jump].compactMap(\.self) where word.hasPrefix("-") || word.contains(where: \.isWhitespace) {
            throw ValidationError("'\(word)' is no name that ssh would take")
        }
    }

    func run() async throws {
        let path = URL(filePath: file).absoluteURL.path(percentEncoded: false)
        guard force || !FileManager.default.fileExists(atPath: path) else {
            Terminal.standard.error("keelstep: \(path) is there already; --force writes over it, --file another one")
            throw ExitCode.usage
        }
        var settings = Settings(
            stateDir: try Settings.defaultStateDir(environment: ProcessInfo.processInfo.environment)
        )
        settings.kubeconfig = kubeconfig.map { URL(filePath: $0).absoluteURL.path(percentEncoded: false) }
        settings.context = context
        let cluster = try ClusterOptions.parse([])
        let nodes = try await cluster.withClient(settings) { try await $0.list(.nodes).items.map(Node.init) }
        let found = try await AccessFinder.find(
            nodes.map(NodeIdentity.init).sorted { $0.name < $1.name },
            local: AccessFinder.local(Dictionary(nodes.map { ($0.name, $0.bootID) }, uniquingKeysWith: { $1 })),
            base: access,
            sudoPassword: asksForSudoPassword ? Terminal.standard.secret("[sudo] password on the nodes: ") : nil
        )
        settings.nodes = found.settings
        try write(settings, to: path)
        for line in NodeVisits.Outcome.lines(found.outcomes) { Terminal.standard.print(line) }
        Terminal.standard.note("wrote \(path)")
        guard found.outcomes.allSatisfy({ $0.problem == nil }) else { throw ExitCode.failure }
    }

    private var access: SSHAccess {
        func absolute(_ path: String?) -> String? {
            path.map { URL(filePath: $0).absoluteURL.path(percentEncoded: false) }
        }
        var access = SSHAccess()
        access.user = user
        access.port = port
        access.identityFile = absolute(identityFile)
        access.configFile = absolute(configuration)
        access.jump = jump
        access.asksForSudoPassword = asksForSudoPassword
        access.acceptsNewHostKeys = acceptsNewHostKeys
        return access
    }

    private func write(_ settings: Settings, to path: String) throws {
        var settings = settings
        settings.stateDir = ""
        let text = try settings.text()
        do { try Data(text.utf8).write(to: URL(filePath: path), options: .atomic) } catch {
            throw NotWritten(path: path, reason: error.localizedDescription)
        }
    }
}

struct NotWritten: Error, CustomStringConvertible {
    var path: String
    var reason: String
    var description: String { "cannot write \(path): \(reason); give another place with --file" }
}
