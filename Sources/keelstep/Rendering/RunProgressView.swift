import Foundation
import Runs

/// Shows a run while it goes on: a live view on a terminal, plain lines elsewhere, JSON lines on request.
actor RunProgressView {
    private let format: ProgressFormat
    private let terminal: Terminal
    private var view = RunView()
    private var drawn = 0
    /// What is to be known until the end, below all else.
    private var remark: String?

    init(format: ProgressFormat, terminal: Terminal) {
        self.format = format
        self.terminal = terminal
    }

    private var isLive: Bool { format == .text && terminal.isInteractive }

    func take(_ event: RunEvent) {
        view.apply(event)
        switch format {
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            encoder.dateEncodingStrategy = .iso8601
            if let data = try? encoder.encode(event) { terminal.print(String(decoding: data, as: UTF8.self)) }
        case .text:
            if isLive {
                draw()
            } else if !event.isPause, let line = event.plainLine {
                terminal.note(line)
            }
        }
    }

    /// Says something that is to be known until the end.
    func say(_ text: String) {
        guard isLive else { return terminal.note(text) }
        remark = text
        draw()
    }

    /// Draws the view over the one before it.
    func draw() {
        guard isLive else { return }
        let size = terminal.size
        let style = RunViewStyle(width: size.columns, height: size.rows, hasColor: terminal.hasColour)
        let lines = view.lines(at: Date(), style: style, remark: remark)
        var text = drawn > 0 ? "\u{1B}[\(drawn)A\r\u{1B}[J" : ""
        text += lines.joined(separator: "\n") + "\n"
        terminal.note(text, terminator: "")
        drawn = lines.count
    }

    func finish(_ outcome: RunOutcome) {
        remark = nil
        draw()
        guard format == .text else { return }
        terminal.note(outcome.ending)
    }
}

extension RunOutcome {
    /// What is said at the end of a run, and what may be done next.
    var ending: String {
        switch self {
        case .completed: "done; `keelstep report` tells what was done"
        case .paused(let cause): "paused: \(cause)\ncontinue with `keelstep resume`"
        case .refused(let holder): "refused: \(holder) holds the run's lock; see `keelstep status`"
        case .failed(let why): "failed: \(why)"
        }
    }
}

extension RunEvent {
    /// How a run ended is told in full once it has.
    fileprivate var isPause: Bool { if case .runPaused = kind { true } else { false } }
}
