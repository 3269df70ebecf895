import Foundation
package import KubernetesModel

extension UpgradePlan {
    /// The plan with its digest and its annex, for `-o json` and `-o yaml`.
    package func value(annex: PlanAnnex) throws -> JSONValue {
        let bytes = try canonicalBytes
        let encoder = JSONEncoder()
        return [
            "plan": try JSONValue(parsing: bytes), "digest": .string(Self.digest(of: bytes)),
            "annex": try JSONValue(parsing: Array(try encoder.encode(annex))),
        ]
    }
}
