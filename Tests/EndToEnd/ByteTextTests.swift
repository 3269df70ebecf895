import Testing

@testable import keelstep

/// The rounding of etcdutl 3.5.1, worked out from its results and held against it by the snapshot story.
@Suite struct `a number of bytes` {
    @Test(
        arguments: [
            (0, "0 B"), (9, "9 B"), (10, "10 B"), (999, "999 B"), (1000, "1.0 kB"), (9949, "9.9 kB"), (9950, "10 kB"),
            (20_480, "20 kB"), (24_576, "25 kB"), (147_456, "148 kB"), (106_496, "106 kB"), (999_600, "1000 kB"),
            (1_000_000, "1.0 MB"), (2_100_000, "2.1 MB"), (UInt64.max, "18 EB"),
        ] as [(UInt64, String)]
    ) func `is told as etcdutl tells it`(bytes: UInt64, text: String) {
        #expect(ByteText.text(bytes) == text)
    }
}
