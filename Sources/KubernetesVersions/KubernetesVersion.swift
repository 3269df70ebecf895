/// A release of Kubernetes, `v1.33.2` or `v1.34.0-rc.1`; ordered by semantic-version precedence.
package struct KubernetesVersion: Sendable, Hashable {
    package var major: Int
    package var minor: Int
    package var patch: Int
    /// What follows the first hyphen (`rc.1`); nil for a release.
    package var prerelease: String?

    package init(_ major: Int, _ minor: Int, _ patch: Int, prerelease: String? = nil) {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.prerelease = prerelease
    }

    /// Reads `v1.33.2`, `1.33.2`, with an optional pre-release; build metadata (`+…`) is dropped.
    /// - Throws: ``VersionError/malformed(_:)`` for anything else.
    package init(parsing text: String) throws(VersionError) {
        let withoutBuild = text.prefix { $0 != "+" }
        let digits = withoutBuild.hasPrefix("v") ? withoutBuild.dropFirst() : withoutBuild
        let halves = digits.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = (halves.first ?? "").split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3, let major = Self.number(numbers[0]), let minor = Self.number(numbers[1]),
            let patch = Self.number(numbers[2])
        else { throw .malformed(text) }
        self.init(major, minor, patch)
        if halves.count == 2 {
            guard !halves[1].isEmpty else { throw .malformed(text) }
            prerelease = String(halves[1])
        }
    }

    /// A whole number without sign or leading zeros, small enough to be a version.
    static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.count <= 6, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            text.count == 1 || text.first != "0"
        else { return nil }
        return Int(text)
    }

    package var minorVersion: MinorVersion { MinorVersion(major, minor) }

    /// `1.33.2`, as packages and image lists write it.
    package var withoutPrefix: String { "\(major).\(minor).\(patch)" + (prerelease.map { "-\($0)" } ?? "") }
}

extension KubernetesVersion: CustomStringConvertible {
    package var description: String { "v\(withoutPrefix)" }
}

extension KubernetesVersion: Comparable {
    package static func < (lhs: Self, rhs: Self) -> Bool {
        if (lhs.major, lhs.minor, lhs.patch) != (rhs.major, rhs.minor, rhs.patch) {
            return (lhs.major, lhs.minor, lhs.patch) < (rhs.major, rhs.minor, rhs.patch)
        }
        switch (lhs.prerelease, rhs.prerelease) {
        case (nil, _): return false
        case (_, nil): return true
        case (let left?, let right?): return Self.precedes(left, right)
        }
    }

    /// Precedence of pre-release identifiers, semver.org §11: numbers by value and below words, words by ASCII.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        let lefts = left.split(separator: ".", omittingEmptySubsequences: false)
        let rights = right.split(separator: ".", omittingEmptySubsequences: false)
        for (one, other) in zip(lefts, rights) where one != other {
            switch (number(one), number(other)) {
            case (let first?, let second?): return first < second
            case (_?, nil): return true
            case (nil, _?): return false
            case (nil, nil): return one < other
            }
        }
        return lefts.count < rights.count
    }
}

/// A minor release of Kubernetes, `1.33`; ordered, and counted in steps.
package struct MinorVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var major: Int
    package var minor: Int

    package init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads `1.33` or `v1.33`.
    package init(parsing text: String) throws(VersionError) {
        let digits = text.hasPrefix("v") ? text.dropFirst() : text[...]
        let numbers = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 2, let major = KubernetesVersion.number(numbers[0]),
            let minor = KubernetesVersion.number(numbers[1])
        else { throw .malformed(text) }
        self.init(major, minor)
    }

    package var next: MinorVersion { MinorVersion(major, minor + 1) }

    package var description: String { "\(major).\(minor)" }

    package static func < (lhs: Self, rhs: Self) -> Bool { (lhs.major, lhs.minor) < (rhs.major, rhs.minor) }
}

/// Written as `"v1.33.2"`, so that what is stored stays readable.
extension KubernetesVersion: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(parsing: decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Written as `"1.33"`.
extension MinorVersion: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(parsing: decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Why a text is no version.
package enum VersionError: Error, Hashable, CustomStringConvertible {
    case malformed(String)

    package var description: String {
        switch self {
        case .malformed(let text): "'\(text)' is not a Kubernetes version; write it as v1.33.2"
        }
    }
}
