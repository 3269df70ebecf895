import Foundation
import Testing

extension EndToEnd {
    /// `docs/commands/` holds a page a command, made of its `--help`; `RECORD=1` writes them.
    @Suite struct `the pages of the commands` {
        private static let folder = Program.packageFolder + "/docs/commands"

        @Test func `say what --help says, and leave no command out`() async throws {
            var pages = ["README": Self.index([])]
            for command in try await Self.commands() {
                let help = try await Program.keelstep(["COLUMNS": "100"]).run(["help"] + command.words)
                expect(help)
                pages[command.words.joined(separator: "-")] = Self.page(command, help.output)
            }
            pages["README"] = Self.index(try await Self.commands())
            if ProcessInfo.processInfo.environment["RECORD"] != nil {
                try FileManager.default.createDirectory(atPath: Self.folder, withIntermediateDirectories: true)
                for (name, text) in pages {
                    try Data(text.utf8).write(to: URL(filePath: "\(Self.folder)/\(name).md"))
                }
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
            #expect(Set(files) == Set(pages.keys.map { $0 + ".md" }))
            for (name, text) in pages {
                let file = "\(Self.folder)/\(name).md"
                #expect(try String(contentsOfFile: file, encoding: .utf8) == text, "RECORD=1 writes \(name).md anew")
            }
        }

        @Test func `are of the version that the program tells`() async throws {
            let version = try await Program.keelstep().run("--version")
            expect(version)
            #expect(try version.output.wholeMatch(of: Regex("\\d+\\.\\d+\\.\\d+\\n")) != nil, "\(version)")
        }

        private struct Command {
            var words: [String]
            var abstract: String
        }

        private struct Dump: Decodable {
            final class Command: Decodable {
                var commandName: String
                var abstract: String?
                var shouldDisplay: Bool?
                var subcommands: [Command]?
            }
            var command: Command
        }

        /// Every command a person may call, in the order of the names.
        private static func commands() async throws -> [Command] {
            let dump = try await Program.keelstep().run("--experimental-dump-help")
            expect(dump)
            let root = try JSONDecoder().decode(Dump.self, from: Data(dump.output.utf8)).command
            var found: [Command] = []
            func walk(_ command: Dump.Command, _ words: [String]) {
                for next in command.subcommands ?? [] where next.commandName != "help" && next.shouldDisplay != false {
                    let path = words + [next.commandName]
                    found.append(Command(words: path, abstract: next.abstract ?? ""))
                    walk(next, path)
                }
            }
            walk(root, [])
            return found.sorted { $0.words.lexicographicallyPrecedes($1.words) }
        }

        private static func page(_ command: Command, _ help: String) -> String {
            """
            # keelstep \(command.words.joined(separator: " "))

            ```
            \(help.split(separator: "\n", omittingEmptySubsequences: false).map(trimmed).joined(separator: "\n")
                .trimmingCharacters(in: .newlines))
            ```

            """
        }

        private static func trimmed(_ line: Substring) -> String {
            var line = line
            while line.last == " " { line.removeLast() }
            return String(line)
        }

        private static func index(_ commands: [Command]) -> String {
            let lines = commands.map { command in
                let name = command.words.joined(separator: " ")
                return "- [`keelstep \(name)`](\(command.words.joined(separator: "-")).md): \(command.abstract)"
            }
            return """
                # The commands

                Made of the program's own `--help`; a test holds them to it.

                \(lines.joined(separator: "\n"))

                """
        }
    }
}
