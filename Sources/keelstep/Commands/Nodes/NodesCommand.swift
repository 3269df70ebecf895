import ArgumentParser

struct NodesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodes",
        abstract: "How the nodes are reached.",
        subcommands: [NodesPingCommand.self]
    )
}
