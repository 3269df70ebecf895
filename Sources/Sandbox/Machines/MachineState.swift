package import Foundation
import KubernetesModel
package import KubernetesVersions
import Nodes

/// Everything that is on a node and runs there, as one value.
package struct MachineState: Sendable {
    package struct Process: Sendable, Hashable {
        package var pid: Int
        package var arguments: [String]
        package var name: String { FileTree.name(arguments.first ?? "") }
    }

    package var hostname: String
    package var files: FileTree
    package var packages = PackageDatabase()
    package var services: [String: Service] = [:]
    package var processes: [Process] = []
    /// Images in the container runtime, in the order they were pulled.
    package var images: [String] = []
    package var disk = Disk()
    package var isPartitioned = false
    /// A fault: whoever starts the kubelet finds it dead a moment later.
    package var kubeletStaysDown = false
    private var lastPID = 800

    package struct Disk: Sendable, Hashable {
        package var totalKiB: Int64 = 41_152_812
        package var usedKiB: Int64 = 9_845_220
    }

    package init(hostname: String, now: Date) {
        self.hostname = hostname
        files = FileTree(now: now)
    }

    mutating func newPID() -> Int {
        lastPID += 1
        return lastPID
    }

    /// The version of a Kubernetes program whose package is unpacked; nil where it is not installed.
    package func programVersion(_ package: String) -> KubernetesVersion? {
        packages.isUnpacked(package) ? packages[package]?.kubernetesVersion : nil
    }

    package mutating func pull(_ images: [String]) {
        for image in images where !self.images.contains(image) { self.images.append(image) }
    }
}
