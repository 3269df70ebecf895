import ArgumentParser
import KubernetesModel

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, yaml
}

/// `-o`: the one place that chooses a format.
struct OutputOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "How to show it: table, json or yaml.")
    var output: OutputFormat = .table

    /// Prints a value as programs read it, or as the table people read.
    func render(_ value: @autoclosure () throws -> JSONValue, table: () throws -> [String]) throws {
        let terminal = Terminal.standard
        switch output {
        case .table: for line in try table() { terminal.print(line) }
        case .json: terminal.print(try value().prettyText)
        case .yaml: terminal.print(try YAML.text(value()), terminator: "")
        }
    }
}
