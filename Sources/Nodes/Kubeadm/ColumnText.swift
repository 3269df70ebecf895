import Foundation

/// Tables as kubeadm prints them for people: columns at least two spaces apart.
enum ColumnText {
    static func cells(_ line: some StringProtocol) -> [String] {
        var cells: [String] = []
        var cell = ""
        var spaces = 0
        for character in line {
            if character == " " || character == "\t" {
                spaces += character == "\t" ? 2 : 1
                continue
            }
            if !cell.isEmpty, spaces >= 2 {
                cells.append(cell)
                cell = ""
            } else if !cell.isEmpty, spaces == 1 {
                cell += " "
            }
            spaces = 0
            cell.append(character)
        }
        return cell.isEmpty ? cells : cells + [cell]
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `Nov 26, 2027 16:00 UTC`; nil for what is no such date. Other zones than UTC are not read.
    static func date(_ text: String) -> Date? {
        let words = text.split { $0 == " " || $0 == "," || $0 == ":" }.map(String.init)
        guard words.count == 6, words[5] == "UTC", let month = months.firstIndex(of: words[0]),
            let day = Int(words[1]), let year = Int(words[2]), let hour = Int(words[3]), let minute = Int(words[4]),
            (1...31).contains(day), (1970...9999).contains(year), (0...23).contains(hour), (0...59).contains(minute)
        else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = DateComponents(year: year, month: month + 1, day: day, hour: hour, minute: minute)
        return calendar.date(from: parts)
    }
}
