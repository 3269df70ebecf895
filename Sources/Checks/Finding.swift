package import KubernetesModel

/// Something to know before an upgrade: what, on which object, why, and what to do about it.
package struct Finding: Sendable, Hashable {
    package enum Severity: String, Sendable, Hashable, Comparable {
        case blocker
        case warning
        case info

        package static func < (lhs: Self, rhs: Self) -> Bool { lhs.rank < rhs.rank }

        private var rank: Int {
            switch self {
            case .blocker: 0
            case .warning: 1
            case .info: 2
            }
        }
    }

    /// Stable: `KS-D001`.
    package var code: String
    package var severity: Severity
    package var subject: String
    /// The pods concerned, as `namespace/name`.
    package var pods: [String]
    package var why: String
    package var remedy: String

    package init(
        code: String,
        severity: Severity,
        subject: String,
        pods: [String] = [],
        why: String,
        remedy: String
    ) {
        self.code = code
        self.severity = severity
        self.subject = subject
        self.pods = pods
        self.why = why
        self.remedy = remedy
    }

    package var value: JSONValue {
        [
            "code": .string(code), "severity": .string(severity.rawValue), "subject": .string(subject),
            "pods": JSONValue(pods), "why": .string(why), "remedy": .string(remedy),
        ]
    }

    /// `pod shop/a`, `pods shop/a, shop/b and 4 more`; empty where no pod is concerned.
    private var namedPods: String {
        if pods.isEmpty { return "" }
        let rest = pods.count > 5 ? " and \(pods.count - 5) more" : ""
        return (pods.count == 1 ? " pod " : " pods ") + pods.prefix(5).joined(separator: ", ") + rest + ":"
    }

    /// Two lines for people.
    package var lines: [String] {
        ["\(severity.rawValue) \(code) \(subject):\(namedPods) \(why)"] + (remedy.isEmpty ? [] : ["  → \(remedy)"])
    }
}
