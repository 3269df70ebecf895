import Foundation
import Testing

@testable import Upgrades

@Suite struct `a plan` {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Plans")
    static let stories =
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?
        .filter { $0.hasSuffix(".txt") }.sorted() ?? []

    @Test func `has stories`() { #expect(Self.stories.count >= 10) }

    @Test(arguments: stories) func `comes out as its story says`(name: String) throws {
        let url = Self.folder.appending(path: name)
        let text = try String(contentsOf: url, encoding: .utf8)
        let retold = try PlanStory(text).retold()
        if GoldenFile.isRecording {
            try Data(retold.utf8).write(to: url)
        } else {
            #expect(retold == text, "\(name) differs; look at the change, then record it with RECORD=1")
        }
    }
}
