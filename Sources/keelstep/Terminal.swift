import Foundation
import Glibc

/// Where a command's results, progress and questions go.
struct Terminal: Sendable {
    /// Whether progress may be drawn over itself.
    let isInteractive: Bool
    let hasColour: Bool

    static let standard = Terminal(environment: ProcessInfo.processInfo.environment)

    init(environment: [String: String]) {
        isInteractive = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
        hasColour = isInteractive && (environment["NO_COLOR"] ?? "").isEmpty
    }

    /// Columns and rows of the terminal, read anew each time; 80 by 24 where there is none.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        let outcome = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size)
        guard outcome == 0, size.ws_col > 0 else { return (80, 24) }
        return (Int(size.ws_col), max(5, Int(size.ws_row)))
    }

    /// A result, on standard output.
    func print(_ text: String, terminator: String = "\n") {
        try? FileHandle.standardOutput.write(contentsOf: Data((text + terminator).utf8))
    }

    /// Progress, on standard error.
    func note(_ text: String, terminator: String = "\n") {
        try? FileHandle.standardError.write(contentsOf: Data((text + terminator).utf8))
    }

    func error(_ text: String) { note(text) }

    /// Asks for `yes`; without a terminal to ask on, the answer is no.
    func confirms(_ question: String) -> Bool {
        guard isatty(STDIN_FILENO) == 1 else { return false }
        note("\(question) [y/N] ", terminator: "")
        let answer = readLine(strippingNewline: true)?.lowercased()
        return answer == "y" || answer == "yes"
    }
}
