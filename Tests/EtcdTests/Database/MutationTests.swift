import Foundation
import Testing

@testable import Etcd

/// Rows and items made of sound ones by seeded changes, as many as `KEELSTEP_FUZZ_CASES` says (`make fuzz`).
@Suite(.timeLimit(.minutes(60))) struct `a mutated row` {
    private static let cases = ProcessInfo.processInfo.environment["KEELSTEP_FUZZ_CASES"].flatMap(Int.init) ?? 10_000

    private static let samples: [[UInt8]] = [
        Revision(main: 1234, sub: 5).bytes, Revision(main: 1234).bytes + [UInt8(ascii: "t")],
        [0x0A, 4] + Array("/k/a".utf8) + [0x10, 2, 0x18, 0x80, 1, 0x20, 1, 0x2A, 3, 1, 2, 3, 0x30, 0xFF, 0xFF, 0x7F],
        Array("/registry/services/specs/shop/web".utf8), Array("/registry/example.com/widgets/shop/a".utf8),
        Array("k8s:enc:kms:v2:vault:payload".utf8), Array("k8s\0\n\u{c}\n\u{2}v1\u{12}\u{6}Secret\u{12}\0".utf8),
        Array(#"{"id":18446744073709551615,"peerURLs":["http://a:2380"],"name":"m1"}"#.utf8),
        [0x08, 0x05, 0x10, 0x01],
    ]

    private static func mutated(_ random: inout SeededRandom) -> [UInt8] {
        var bytes = samples[Int.random(in: 0..<samples.count, using: &random)]
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let offset = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0 where offset < bytes.count: bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1 where offset < bytes.count: bytes.remove(at: offset)
            case 2: bytes.insert([0, 0x7F, 0x80, 0xFF, 0x2F][Int.random(in: 0..<5, using: &random)], at: offset)
            case 3: bytes.removeLast(bytes.count - offset)
            default: bytes += bytes.prefix(offset)
            }
            if bytes.count > 4096 { break }
        }
        return bytes
    }

    @Test func `is decoded or refused, and counts either way`() {
        var random = SeededRandom(seed: 42)
        var contents = DatabaseContents()
        var rows = RowReading(compacted: 100, isDeep: true)
        var refused = 0
        for _ in 0..<Self.cases {
            let (key, value) = (Self.mutated(&random), Self.mutated(&random))
            // Slices that do not begin at 0, as those of a page.
            let shifted = ([0xAA] + key)[1...]
            if let (revision, isTombstone) = Revision.row(shifted) {
                #expect(revision.bytes + (isTombstone ? [UInt8(ascii: "t")] : []) == key)
            }
            if rows.add(key: shifted, value: value[...], page: 7) != nil { refused += 1 }
            for bucket in StoredBucket.allCases { _ = contents.take(key: shifted, value: value[...], of: bucket) }
            let form = StoredForm(value[...])
            _ = try? form.decode(value[...])
            if let object = KubernetesKey(shifted) { #expect(!object.resource.isEmpty) }
        }
        rows.finish(&contents)
        #expect(contents.rows == UInt64(Self.cases) && refused > 0 && refused < Self.cases)
    }
}
