/// Columns as kubectl prints them: upper-case heads, three spaces between, nothing after the last.
enum TextTable {
    static func lines(header: [String], rows: [[String]]) -> [String] {
        let table = [header] + rows
        let widths = header.indices.map { column in
            table.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        return table.map { row in
            let cells = row.enumerated().map { column, cell in
                let isLast = column == row.count - 1
                let width = widths.indices.contains(column) ? widths[column] : cell.count
                return isLast ? cell : cell + String(repeating: " ", count: max(0, width - cell.count))
            }
            return cells.joined(separator: "   ")
        }
    }
}
