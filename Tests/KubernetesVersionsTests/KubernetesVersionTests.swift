import KubernetesVersions
import Testing

@Suite struct `a version` {
    @Test(arguments: [
        ("v1.33.2", KubernetesVersion(1, 33, 2)), ("1.33.2", KubernetesVersion(1, 33, 2)),
        ("v1.34.0-rc.1", KubernetesVersion(1, 34, 0, prerelease: "rc.1")),
        ("v1.31.4+k3s1", KubernetesVersion(1, 31, 4)), ("v0.0.0", KubernetesVersion(0, 0, 0)),
        ("v1.31.4-eks-abc.2+x", KubernetesVersion(1, 31, 4, prerelease: "eks-abc.2")),
    ])
    func `is read`(text: String, version: KubernetesVersion) throws {
        #expect(try KubernetesVersion(parsing: text) == version)
    }

    @Test(arguments: [
        "", "v", "1", "1.33", "v1.33", "1.33.2.1", "1.33.x", "1.33.-2", "+1.33.2", "1.33.02", "01.33.2", "v1.33.2-",
        "vv1.33.2", "V1.33.2", "1.33.2 ", " 1.33.2", "1..2", "1.33.99999999", "latest", "١.٣.٢",
    ])
    func `is refused when malformed`(text: String) {
        #expect(throws: VersionError.malformed(text)) { try KubernetesVersion(parsing: text) }
    }

    @Test func `is ordered as semantic versions are`() throws {
        let texts = [
            "v1.33.0-alpha.1", "v1.33.0-alpha.2", "v1.33.0-alpha.10", "v1.33.0-alpha.beta", "v1.33.0-beta.0",
            "v1.33.0-rc.0", "v1.33.0-rc.0.1", "v1.33.0", "v1.33.1", "v1.33.10", "v1.34.0-rc.1", "v1.34.0", "v2.0.0",
        ]
        let versions = try texts.map { try KubernetesVersion(parsing: $0) }
        #expect(versions.reversed().sorted().map(\.description) == texts)
        for (index, version) in versions.enumerated() {
            for (other, later) in versions.enumerated() { #expect((version < later) == (index < other)) }
        }
    }

    @Test func `is written with and without its letter`() throws {
        let version = try KubernetesVersion(parsing: "1.34.0-rc.1")
        #expect(version.description == "v1.34.0-rc.1")
        #expect(version.withoutPrefix == "1.34.0-rc.1")
        #expect(version.minorVersion == MinorVersion(1, 34))
        #expect(version.minorVersion.next == MinorVersion(1, 35))
    }
}

@Suite struct `a minor version` {
    @Test(arguments: [("1.33", MinorVersion(1, 33)), ("v1.33", MinorVersion(1, 33))])
    func `is read`(text: String, version: MinorVersion) throws {
        #expect(try MinorVersion(parsing: text) == version)
    }

    @Test(arguments: ["", "1", "1.", "1.x", "1.35.0", "1.035"]) func `is refused when malformed`(text: String) {
        #expect(throws: VersionError.malformed(text)) { try MinorVersion(parsing: text) }
    }
}
