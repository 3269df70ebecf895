import Foundation
import Testing

/// A file beside the tests that holds what is expected. `RECORD=1 swift test` writes it; otherwise it must be there
/// and say the same.
enum GoldenFile {
    static func expect(
        _ actual: String,
        matches name: String,
        file: String = #filePath,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let url = URL(filePath: file).deletingLastPathComponent().appending(path: "Golden/\(name)")
        if isRecording {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(actual.utf8).write(to: url)
            return
        }
        let expected = try? String(contentsOf: url, encoding: .utf8)
        #expect(
            actual == expected,
            "\(name) differs; look at the change, then record it with RECORD=1",
            sourceLocation: sourceLocation
        )
    }

    static var isRecording: Bool { ProcessInfo.processInfo.environment["RECORD"] == "1" }
}
