import KubernetesModel
import KubernetesVersions

/// The version object Kubernetes' programs print.
enum VersionInfo {
    static func value(_ version: KubernetesVersion) -> JSONValue {
        [
            "major": .string("\(version.major)"), "minor": .string("\(version.minor)"),
            "gitVersion": .string(version.description), "gitCommit": "0000000000000000000000000000000000000000",
            "gitTreeState": "clean", "buildDate": "2024-12-01T00:00:00Z", "goVersion": "go1.23.3",
            "compiler": "gc", "platform": "linux/amd64",
        ]
    }
}
