import Foundation
package import KubernetesModel
import KubernetesVersions
import Nodes

/// The survey for `-o json` and `-o yaml`.
extension ClusterSurvey {
    package var value: JSONValue {
        [
            "format": 1,
            "takenAt": .string(Timestamp.string(from: takenAt)),
            "server": .string(server),
            "serverVersion": .string(serverVersion),
            "clusterUID": .string(clusterUID),
            "kubeadm": kubeadm?.value ?? .null,
            "nodes": .array(nodes.map(\.value)),
            "etcd": etcd.value,
            "offers": .array(
                offers.sorted { $0.key < $1.key }.map { minor, offer in
                    [
                        "minor": .string(minor.description), "node": .string(offer.node),
                        "versions": offer.versions.map { JSONValue($0.map(\.description)) } ?? .null,
                        "problem": .optional(offer.problem),
                    ]
                }
            ),
            "leaders": .array(
                leaders.map {
                    [
                        "component": .string($0.component), "holder": .string($0.holder),
                        "renewed": .string($0.renewed),
                    ]
                }
            ),
            "workloads": .array(
                workloads.map {
                    [
                        "kind": .string($0.kind), "namespace": .string($0.namespace), "name": .string($0.name),
                        "desired": .integer(Int64($0.desired)), "ready": .integer(Int64($0.ready)),
                        "available": .integer(Int64($0.available)),
                    ]
                }
            ),
            "budgets": .array(
                budgets.map {
                    [
                        "namespace": .string($0.namespace), "name": .string($0.name), "rule": .string($0.rule),
                        "currentHealthy": .integer(Int64($0.currentHealthy)),
                        "desiredHealthy": .integer(Int64($0.desiredHealthy)),
                        "disruptionsAllowed": .integer(Int64($0.disruptionsAllowed)),
                    ]
                }
            ),
            "gaps": .array(gaps.map { ["what": .string($0.what), "reason": .string($0.reason)] }),
        ]
    }
}

extension KubeadmConfiguration {
    fileprivate var value: JSONValue {
        [
            "apiVersion": .string(apiVersion), "kubernetesVersion": .optional(kubernetesVersion?.description),
            "clusterName": .string(clusterName), "controlPlaneEndpoint": .string(controlPlaneEndpoint),
            "imageRepository": .string(imageRepository),
            "externalEtcd": externalEtcd.map { JSONValue($0.endpoints) } ?? .null,
        ]
    }
}

extension NodeSurvey {
    fileprivate var value: JSONValue {
        [
            "name": .string(name), "uid": .string(uid),
            "role": .string(isControlPlane ? "control-plane" : "worker"), "zone": .string(zone),
            "internalIP": .string(internalIP), "ready": .bool(isReady), "notReadyReason": .optional(notReadyReason),
            "cordoned": .bool(isCordoned), "cordonedBy": .optional(cordonedBy), "pods": .integer(Int64(podCount)),
            "containerRuntime": .string(containerRuntime), "osImage": .string(osImage), "kernel": .string(kernel),
            "architecture": .string(architecture),
            "versions": [
                "kubelet": .optional(kubelet?.description), "kubeletBinary": .optional(kubeletBinary?.description),
                "kubeadm": .optional(kubeadmBinary?.description),
            ],
            "components": .array(
                components.map {
                    [
                        "name": .string($0.component.rawValue), "image": .string($0.image),
                        "from": .string($0.source.rawValue),
                    ]
                }
            ),
            "packages": .array(
                packages.map {
                    [
                        "name": .string($0.name), "version": .string($0.version), "held": .bool($0.isHeld),
                        "halfDone": .bool($0.isHalfDone),
                    ]
                }
            ),
            "certificates": .array(
                certificates.map {
                    [
                        "name": .string($0.name), "expires": .string(Timestamp.string(from: $0.expires)),
                        "authority": .bool($0.isAuthority),
                    ]
                }
            ),
            "etcdDiskFree": etcdDiskFree.map { .integer($0) } ?? .null, "leftovers": JSONValue(leftovers),
            "markedBy": .optional(markedBy), "accessProblem": .optional(accessProblem),
            "repositoryProblem": .optional(repositoryProblem), "problems": JSONValue(problems),
        ]
    }
}

extension EtcdSurvey {
    fileprivate var value: JSONValue {
        [
            "external": externalEndpoints.map { JSONValue($0) } ?? .null, "alarms": JSONValue(alarms),
            "members": .array(
                members.map {
                    [
                        "name": .string($0.name), "node": .optional($0.node), "id": .string($0.id),
                        "version": .string($0.version), "leader": .bool($0.isLeader),
                        "learner": .bool($0.isLearner), "healthy": $0.wasAsked ? .bool($0.isHealthy) : .null,
                        "dbSize": .integer($0.dbSize), "dbSizeInUse": .integer($0.dbSizeInUse),
                        "problem": .optional($0.problem),
                    ]
                }
            ),
        ]
    }
}

extension JSONValue {
    fileprivate static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}
