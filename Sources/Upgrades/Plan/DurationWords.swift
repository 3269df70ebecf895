/// Durations as people say them: `40 s`, `12 min`, `2 h 10 min`.
package enum DurationWords {
    package static func about(_ seconds: Int) -> String {
        if seconds < 90 { return "\(max(0, seconds)) s" }
        let minutes = (seconds + 30) / 60
        if minutes < 90 { return "\(minutes) min" }
        if minutes < 48 * 60 {
            return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
        }
        return "\(minutes / (24 * 60)) d \(minutes / 60 % 24) h"
    }
}
