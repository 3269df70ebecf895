package import Foundation
import KubernetesModel

/// One row of `kubeadm certs check-expiration -o json` (kubeadm 1.30 and newer).
package struct CertificateExpiration: Sendable, Hashable {
    package var name: String
    /// Nil for one that is missing.
    package var expires: Date?
    package var isAuthority: Bool
    package var isExternallyManaged: Bool
    /// kubeadm exits 0 even when everything is missing.
    package var isMissing: Bool

    /// Nil for what is no such list.
    package static func parse(_ output: [UInt8]) -> [CertificateExpiration]? {
        guard let start = output.firstIndex(of: UInt8(ascii: "{")),
            let value = try? JSONValue(parsing: Array(output[start...])),
            value["kind"]?.string == "CertificateExpirationInfo"
        else { return nil }
        return rows(value["certificates"], isAuthority: false)
            + rows(value["certificateAuthorities"], isAuthority: true)
    }

    /// Reads the tables that kubeadm prints for people, `Nov 26, 2027 16:00 UTC` in the second column; nil for none.
    package static func parse(table text: String) -> [CertificateExpiration]? {
        var found: [CertificateExpiration] = []
        var header: [String] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let cells = ColumnText.cells(line)
            if cells.first == "CERTIFICATE" || cells.first == "CERTIFICATE AUTHORITY" {
                header = cells
            } else if let first = cells.first, !header.isEmpty {
                let isMissing = first.hasPrefix(missingMark)
                guard isMissing || cells.count >= 2 else { continue }
                found.append(
                    CertificateExpiration(
                        name: isMissing ? String(first.dropFirst(missingMark.count)) : first,
                        expires: isMissing ? nil : ColumnText.date(cells[1]),
                        isAuthority: header.first == "CERTIFICATE AUTHORITY",
                        isExternallyManaged: cells.last == "yes",
                        isMissing: isMissing
                    )
                )
            }
        }
        return found.isEmpty ? nil : found
    }

    private static let missingMark = "!MISSING! "

    private static func rows(_ list: JSONValue?, isAuthority: Bool) -> [CertificateExpiration] {
        (list?.array ?? []).map { row in
            CertificateExpiration(
                name: row["name"]?.string ?? "",
                expires: Timestamp.date(from: row["expirationDate"]),
                isAuthority: isAuthority,
                isExternallyManaged: row["externallyManaged"]?.bool ?? false,
                isMissing: row["missing"]?.bool ?? false
            )
        }
    }
}
