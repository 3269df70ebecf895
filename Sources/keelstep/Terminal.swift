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

    /// Asks for a secret, which is not shown; nil without a terminal to ask on, or without an answer.
    func secret(_ question: String) -> [UInt8]? {
        var before = termios()
        guard isatty(STDIN_FILENO) == 1, unsafe tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        note(question, terminator: "")
        _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        let answer = readLine(strippingNewline: true)
        _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
        note("")
        return answer.flatMap { $0.isEmpty ? nil : Array($0.utf8) }
    }
}
