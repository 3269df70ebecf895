import Foundation
import Glibc
import Subprocess
import SystemPackage

/// One run of one program.
struct Sample: Sendable, Codable {
    var seconds: Double
    var peakBytes: Int
    var code: Int32

    /// Runs the program; its output goes nowhere.
    static func take(_ command: [String]) async throws -> Sample {
        let began = ContinuousClock.now
        let record = try await Subprocess.run(
            .path(FilePath(command.first ?? "")),
            arguments: Arguments(Array(command.dropFirst())),
            output: .discarded,
            error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
        )
        let took = ContinuousClock.now - began
        var usage = rusage()
        _ = unsafe getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        let code: Int32 =
            switch record.terminationStatus {
            case .exited(let code): Int32(code)
            case .signaled(let signal): 128 + Int32(signal)
            }
        return Sample(seconds: took / .seconds(1), peakBytes: usage.ru_maxrss * 1024, code: code)
    }
}

/// The middle of several values, and how far they lie apart.
struct Spread: Sendable {
    let values: [Double]

    init(_ values: some Sequence<Double>) { self.values = values.sorted() }

    var median: Double {
        guard !values.isEmpty else { return .nan }
        let middle = values.count / 2
        return values.count.isMultiple(of: 2) ? (values[middle - 1] + values[middle]) / 2 : values[middle]
    }

    /// `1.84 (1.80 to 1.91)`.
    func text(digits: Int) -> String {
        func shown(_ value: Double) -> String { String(format: "%.\(digits)f", value) }
        guard let least = values.first, let most = values.last else { return "-" }
        return "\(shown(median)) (\(shown(least)) to \(shown(most)))"
    }
}
