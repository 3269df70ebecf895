import Foundation
import KubernetesModel
import KubernetesVersions
import Nodes

/// Asks one node what only it knows.
struct NodeReader {
    private let node: RemoteNode
    private let etcdDataFolder: String

    init(_ node: RemoteNode, etcdDataFolder: String) {
        self.node = node
        self.etcdDataFolder = etcdDataFolder
    }

    /// Adds what the node says; what it does not say becomes a problem, and a node that cannot be reached says so once.
    func read(into known: NodeSurvey) async -> NodeSurvey {
        var survey = known
        do {
            survey.packages = try await APT(node).status(of: ["kubeadm", "kubelet", "kubectl"]).map {
                PackageSurvey(
                    name: $0.name,
                    version: $0.version,
                    isHeld: $0.isHeld,
                    isHalfDone: $0.isHalfDone
                )
            }
        } catch .transport(let error) {
            survey.accessProblem = "\(error)"
            return survey
        } catch {
            survey.problems.append("\(error)")
        }
        survey.kubeadmBinary = await reading(&survey) { node in try await Kubeadm(node).version() }
        survey.kubeletBinary = await reading(&survey) { node in try await Kubelet(node).installedVersion() }
        do {
            survey.repository = try await APT(node).source().text(for: MinorVersion(0, 0))
        } catch {
            survey.repositoryProblem = "\(error)"
        }
        let marker = await reading(&survey) { node in try await NodeMarker(node).read() }
        survey.markedBy = marker.flatMap(\.self)?.run
        if known.isControlPlane { await readControlPlane(into: &survey) }
        return survey
    }

    private func readControlPlane(into survey: inout NodeSurvey) async {
        if let images = await reading(&survey, { node in try await StaticPodManifests(node).images() }) {
            for (component, image) in images {
                survey.components.removeAll { $0.component == component }
                survey.components.append(ComponentSurvey(component: component, image: image, source: .manifest))
            }
            survey.components.sort { $0.component.rawValue < $1.component.rawValue }
        }
        let expirations = await reading(&survey) { node in try await Kubeadm(node).expirations() } ?? []
        survey.certificates = expirations.compactMap { row in
            guard !row.isMissing, let expires = row.expires else { return nil }
            return CertificateSurvey(name: row.name, expires: expires, isAuthority: row.isAuthority)
        }
        let folder = etcdDataFolder
        let space = await reading(&survey) { node in try await DiskSpace.read(node, at: folder) }
        survey.etcdDiskFree = space?.availableBytes
        survey.leftovers = await reading(&survey) { node in try await StaticPodManifests(node).leftovers() } ?? []
    }

    private func reading<Value: Sendable>(
        _ survey: inout NodeSurvey,
        _ body: (RemoteNode) async throws -> Value
    ) async -> Value? {
        do { return try await body(node) } catch {
            survey.problems.append("\(error)")
            return nil
        }
    }
}
