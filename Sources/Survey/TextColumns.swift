/// Columns as kubectl prints them: upper-case heads, three spaces between, nothing after the last.
package enum TextColumns {
    package static func lines(header: [String], rows: [[String]], indent: String = "") -> [String] {
        let table = [header] + rows
        var widths = Array(repeating: 0, count: header.count)
        for row in table {
            for (column, cell) in row.enumerated() where column < widths.count {
                widths[column] = max(widths[column], cell.count)
            }
        }
        return table.map { row in
            var line = indent
            for (column, cell) in row.enumerated() {
                line += cell
                guard column < row.count - 1, column < widths.count else { continue }
                line += String(repeating: " ", count: widths[column] - cell.count + 3)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
