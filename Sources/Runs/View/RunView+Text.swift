package import Foundation

/// How a view is written on a terminal.
package struct RunViewStyle: Sendable, Hashable {
    package var width: Int
    package var height: Int
    package var hasColor: Bool

    package init(width: Int = 100, height: Int = 30, hasColor: Bool = false) {
        self.width = width
        self.height = height
        self.hasColor = hasColor
    }

    enum Color: String {
        case green = "32"
        case yellow = "33"
        case red = "31"
        case dim = "2"
        case bold = "1"
    }

    func paint(_ text: String, _ color: Color) -> String {
        hasColor ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// The text, cut to so many columns.
    static func cut(_ text: String, to width: Int) -> String {
        text.count <= width ? text : String(text.prefix(max(0, width - 1))) + "…"
    }

    static func padded(_ text: String, to width: Int) -> String {
        text.count >= width ? text : text + String(repeating: " ", count: width - text.count)
    }
}

extension RunView {
    /// The live view: one line an element, none longer than the terminal is wide, `remark` the last of them. Why
    /// a run is paused is longer than that, and told by those who show the view.
    package func lines(at now: Date, style: RunViewStyle = RunViewStyle(), remark: String? = nil) -> [String] {
        var lines: [String] = []
        lines.append(style.paint(RunViewStyle.cut(headline(at: now), to: style.width), .bold))
        for hop in hops { lines.append(line(of: hop, style)) }
        let room = max(3, style.height - lines.count - current.count * 2 - (remark == nil ? 2 : 3))
        lines += nodeLines(style, room: room)
        for step in current { lines += stepLines(step, at: end(now), style) }
        if let remark {
            lines.append(style.paint(RunViewStyle.cut(remark.onOneLine, to: style.width), .bold))
        }
        return lines
    }

    /// Up to when something went on.
    private func end(_ now: Date) -> Date { state == .running || state == .starting ? now : lastEventAt ?? now }

    private func headline(at now: Date) -> String {
        let spent = startedAt.map { Self.clock(end(now).timeIntervalSince($0)) } ?? "0:00"
        var text = "\(title.isEmpty ? "run \(run)" : title)   \(doneSteps)/\(totalSteps) steps   \(spent)"
        if let left = timeLeft(at: now) { text += ", about \(Self.clock(left)) left" }
        switch state {
        case .completed: text += "   completed"
        case .paused: text += "   paused"
        case .interrupted: text += "   interrupted"
        case .running, .starting: break
        }
        return text
    }

    private func line(of hop: HopView, _ style: RunViewStyle) -> String {
        let width = 24
        let filled = hop.total == 0 ? 0 : hop.done * width / hop.total
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let text = "  \(hop.title)  \(bar)  \(hop.done)/\(hop.total)" + (hop.stage.map { "  \($0)" } ?? "")
        let cut = RunViewStyle.cut(text, to: style.width)
        return hop.isFinished ? style.paint(cut, .green) : hop.isStarted ? cut : style.paint(cut, .dim)
    }

    /// Every node while there is room; after that those that something happens on.
    private func nodeLines(_ style: RunViewStyle, room: Int) -> [String] {
        let shown = nodes.count <= room ? nodes : nodes.filter { $0.current != nil || $0.hasFailed }
        let nameWidth = shown.map(\.name.count).max() ?? 0
        var lines = shown.prefix(room).map { node in
            let mark = node.hasFailed ? "✗" : node.current != nil ? "▶" : node.done == node.total ? "✓" : "·"
            var text = "  \(mark) \(RunViewStyle.padded(node.name, to: nameWidth))  \(node.done)/\(node.total)"
            if node.evicted > 0 { text += "  \(node.evicted) evicted" }
            if let current = node.current { text += "  \(current)" }
            let cut = RunViewStyle.cut(text, to: style.width)
            if node.hasFailed { return style.paint(cut, .red) }
            if node.current != nil { return style.paint(cut, .yellow) }
            return node.done == node.total ? style.paint(cut, .green) : cut
        }
        if shown.count < nodes.count {
            let finished = nodes.count { $0.done == $0.total }
            lines.append("  \(finished) of \(nodes.count) nodes done")
        }
        return lines
    }

    private func stepLines(_ step: StepView, at now: Date, _ style: RunViewStyle) -> [String] {
        let place = step.step.node.map { "\($0): " } ?? ""
        let again = step.attempt > 1 ? ", attempt \(step.attempt)" : ""
        let spent = Self.clock(now.timeIntervalSince(step.startedAt))
        var lines = [RunViewStyle.cut("  → \(place)\(step.step.title) (\(spent)\(again))", to: style.width)]
        if let waits = step.waitsFor {
            lines.append(style.paint(RunViewStyle.cut("      \(waits.onOneLine)", to: style.width), .dim))
        }
        return lines
    }

    /// `1:05`, `1:02:03`.
    package static func clock(_ seconds: TimeInterval) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "?" }
        let whole = Int(max(0, seconds).rounded())
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
    }
}

extension String {
    /// The text without its line breaks, for where a line is all there is.
    var onOneLine: String {
        split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "; ")
    }
}
