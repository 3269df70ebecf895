import KubernetesVersions
import Sandbox
import Testing

@Suite struct `a sandbox's version` {
    private func refusal(_ version: KubernetesVersion) -> String? {
        do {
            _ = try SandboxSpec(version: version)
            return nil
        } catch { return "\(error)" }
    }

    @Test(arguments: [KubernetesVersion(1, 24, 0), KubernetesVersion(1, 31, 14), KubernetesVersion(1, 36, 4)])
    func `is one that was released`(version: KubernetesVersion) {
        #expect(refusal(version) == nil)
    }

    @Test func `is refused otherwise, with what there is to choose from`() {
        let minors = "it knows v1.24.0 to v1.36.4"
        #expect(refusal(KubernetesVersion(9, 9, 9)) == "a sandbox does not know v9.9.9; \(minors)")
        #expect(refusal(KubernetesVersion(1, 23, 4)) == "a sandbox does not know v1.23.4; \(minors)")
        #expect(
            refusal(KubernetesVersion(1, 31, 15))
                == "a sandbox does not know v1.31.15; it knows v1.31.0 to v1.31.14 of that minor"
        )
    }
}
