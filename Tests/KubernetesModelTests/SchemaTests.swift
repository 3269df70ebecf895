import Testing

@testable import KubernetesModel

@Suite struct `the protobuf schema` {
    private let schema = ProtobufSchema.known

    @Test func `has every kind a cluster's built-in groups store`() {
        let kinds = [
            ("v1", "Pod Node Namespace Service Secret ConfigMap Event Endpoints ServiceAccount PersistentVolume"),
            ("v1", "PersistentVolumeClaim ReplicationController ResourceQuota LimitRange PodTemplate Binding PodList"),
            ("apps/v1", "Deployment ReplicaSet StatefulSet DaemonSet ControllerRevision DeploymentList"),
            ("batch/v1", "Job CronJob"), ("batch/v1beta1", "CronJob"),
            ("policy/v1", "PodDisruptionBudget Eviction DeleteOptions"),
            ("policy/v1beta1", "PodDisruptionBudget Eviction"),
            ("autoscaling/v1", "Scale HorizontalPodAutoscaler"), ("autoscaling/v2", "HorizontalPodAutoscaler"),
            ("coordination.k8s.io/v1", "Lease"), ("scheduling.k8s.io/v1", "PriorityClass"),
            ("rbac.authorization.k8s.io/v1", "Role RoleBinding ClusterRole ClusterRoleBinding"),
            ("networking.k8s.io/v1", "Ingress IngressClass NetworkPolicy"),
            ("storage.k8s.io/v1", "StorageClass CSINode CSIDriver VolumeAttachment CSIStorageCapacity"),
            ("discovery.k8s.io/v1", "EndpointSlice"), ("events.k8s.io/v1", "Event"),
            ("authorization.k8s.io/v1", "SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview"),
            ("authentication.k8s.io/v1", "SelfSubjectReview TokenReview TokenRequest"),
            ("certificates.k8s.io/v1", "CertificateSigningRequest"), ("node.k8s.io/v1", "RuntimeClass"),
            ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration ValidatingAdmissionPolicy"),
            ("flowcontrol.apiserver.k8s.io/v1", "FlowSchema PriorityLevelConfiguration"),
            ("resource.k8s.io/v1", "ResourceClaim ResourceSlice DeviceClass"),
        ]
        for (apiVersion, names) in kinds {
            for name in names.split(separator: " ") {
                let type = GroupVersionKind(apiVersion: apiVersion, kind: String(name))
                #expect(schema.message(for: type) != nil, "\(type)")
            }
        }
    }

    @Test func `has been read whole`() {
        let texts = [
            ProtobufSchema.metaV1, ProtobufSchema.coreV1, ProtobufSchema.workloads, ProtobufSchema.access,
            ProtobufSchema.network, ProtobufSchema.resources,
        ]
        let entries = texts.joined(separator: "\n").split { $0 == "\n" || $0 == " " }.count { $0.contains(":") }
        #expect(schema.messages.reduce(0) { $0 + $1.fields.count } == entries)
        #expect(entries > 2000)
    }

    /// A message that is referred to but described nowhere would be read as one without fields.
    @Test func `describes every message it refers to`() {
        let described = schema.messages.count { !$0.fields.isEmpty }
        #expect(schema.messages.count - described < 20)
        for message in schema.messages where message.fields.isEmpty {
            #expect(message.name.hasPrefix("scheduling/v1alpha3.") || message.name == "", "\(message.name)")
        }
    }

    @Test func `has each number and each name of a message once`() {
        for message in schema.messages {
            #expect(message.indexes.count == message.fields.count, "\(message.name)")
            let names = message.fields.filter { $0.presence != .inline }.map(\.name)
            #expect(Set(names).count == names.count, "\(message.name)")
            #expect(!names.contains(""), "\(message.name)")
        }
    }
}
