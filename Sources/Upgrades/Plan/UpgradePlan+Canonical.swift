import Crypto
import Foundation

extension UpgradePlan {
    /// The plan as JSON with sorted member names and no white space: the same plan always gives the same bytes.
    package var canonicalBytes: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self))
        }
    }

    /// SHA-256 of ``canonicalBytes``, in hexadecimal: names the plan.
    package var digest: String {
        get throws { Self.digest(of: try canonicalBytes) }
    }

    package static func digest(of bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// Reads a plan back from its JSON.
    /// - Throws: ``PlanError`` when the bytes are no plan, or a plan of a format this program does not know.
    package init(canonicalBytes bytes: [UInt8]) throws(PlanError) {
        let data = Data(bytes)
        do {
            let envelope = try JSONDecoder().decode(Envelope.self, from: data)
            guard envelope.format == Self.currentFormat else { throw PlanError.unknownFormat(envelope.format) }
            self = try JSONDecoder().decode(UpgradePlan.self, from: data)
        } catch let error as PlanError {
            throw error
        } catch {
            throw .notAPlan(reason: "\(error)")
        }
    }

    private struct Envelope: Decodable {
        var format: Int
    }
}

/// Why bytes are no plan.
package enum PlanError: Error, Hashable, CustomStringConvertible {
    case notAPlan(reason: String)
    case unknownFormat(Int)

    package var description: String {
        switch self {
        case .notAPlan(let reason): "this is no saved plan: \(reason); make it anew with `keelstep plan`"
        case .unknownFormat(let format):
            "this plan has format \(format), this program reads \(UpgradePlan.currentFormat); "
                + "use the program that wrote it, or plan anew"
        }
    }
}
