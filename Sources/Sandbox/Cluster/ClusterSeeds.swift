package import KubernetesModel
package import KubernetesVersions

/// The objects `kubeadm init` leaves in a new cluster beside those every API server makes itself.
package struct ClusterSeeds: Sendable {
    package var version: KubernetesVersion
    /// `https://127.0.0.1:6443`: the controlPlaneEndpoint with its scheme.
    package var server: String
    package var certificateAuthority: String
    package var coreDNSTag: String

    package init(
        version: KubernetesVersion,
        server: String,
        certificateAuthority: String,
        coreDNSTag: String
    ) {
        self.version = version
        self.server = server
        self.certificateAuthority = certificateAuthority
        self.coreDNSTag = coreDNSTag
    }

    package var objects: [(Resource, KubernetesObject)] {
        configMaps + addons
    }

    private var configMaps: [(Resource, KubernetesObject)] {
        let endpoint = server.drop { $0 != "/" }.drop { $0 == "/" }
        let clusterConfiguration = """
            apiServer: {}
            apiVersion: kubeadm.k8s.io/\(version.minorVersion < MinorVersion(1, 31) ? "v1beta3" : "v1beta4")
            certificatesDir: /etc/kubernetes/pki
            clusterName: kubernetes
            controlPlaneEndpoint: \(endpoint)
            controllerManager: {}
            dns: {}
            etcd:
              local:
                dataDir: /var/lib/etcd
            imageRepository: registry.k8s.io
            kind: ClusterConfiguration
            kubernetesVersion: \(version)
            networking:
              dnsDomain: cluster.local
              podSubnet: 10.244.0.0/16
              serviceSubnet: 10.96.0.0/12
            proxy: {}
            scheduler: {}

            """
        let kubeletConfiguration = """
            apiVersion: kubelet.config.k8s.io/v1beta1
            authentication:
              anonymous:
                enabled: false
              webhook:
                enabled: true
              x509:
                clientCAFile: /etc/kubernetes/pki/ca.crt
            cgroupDriver: systemd
            clusterDNS:
            - 10.96.0.10
            clusterDomain: cluster.local
            kind: KubeletConfiguration
            rotateCertificates: true
            staticPodPath: /etc/kubernetes/manifests

            """
        let corefile = """
            .:53 {
                errors
                health {
                   lameduck 5s
                }
                ready
                kubernetes cluster.local in-addr.arpa ip6.arpa {
                   pods insecure
                   fallthrough in-addr.arpa ip6.arpa
                   ttl 30
                }
                prometheus :9153
                forward . /etc/resolv.conf
                cache 30
                loop
                reload
                loadbalance
            }

            """
        let kubeProxyConfiguration = """
            apiVersion: kubeproxy.config.k8s.io/v1alpha1
            clusterCIDR: 10.244.0.0/16
            kind: KubeProxyConfiguration
            mode: ""

            """
        let clusterInfo = """
            apiVersion: v1
            clusters:
            - cluster:
                certificate-authority-data: \(certificateAuthority)
                server: \(server)
              name: ""
            contexts: []
            current-context: ""
            kind: Config
            preferences: {}
            users: []

            """
        return [
            configMap("kube-system", "kubeadm-config", ["ClusterConfiguration": clusterConfiguration]),
            configMap("kube-system", "kubelet-config", ["kubelet": kubeletConfiguration]),
            configMap("kube-system", "coredns", ["Corefile": corefile]),
            configMap("kube-system", "kube-proxy", ["config.conf": kubeProxyConfiguration]),
            configMap("kube-public", "cluster-info", ["kubeconfig": clusterInfo]),
        ]
    }

    private func configMap(
        _ namespace: String,
        _ name: String,
        _ data: [String: String]
    ) -> (Resource, KubernetesObject) {
        var object = KubernetesObject(.configMaps, namespace: namespace, name: name)
        object["data"] = JSONValue(data)
        return (.configMaps, object)
    }

    private var addons: [(Resource, KubernetesObject)] {
        [
            daemonSet("kube-proxy", image: "registry.k8s.io/kube-proxy:\(version)"),
            daemonSet("kindnet", image: "docker.io/kindest/kindnetd:v20241212"),
            coreDNS,
        ]
    }

    private func daemonSet(_ name: String, image: String) -> (Resource, KubernetesObject) {
        let labels: JSONValue = ["k8s-app": .string(name)]
        var object = KubernetesObject(.daemonSets, namespace: "kube-system", name: name)
        object.labels = ["k8s-app": name]
        object.spec = [
            "selector": ["matchLabels": labels],
            "updateStrategy": ["type": "RollingUpdate", "rollingUpdate": ["maxUnavailable": 1]],
            "template": [
                "metadata": ["labels": labels],
                "spec": [
                    "containers": [["name": .string(name), "image": .string(image)]],
                    "hostNetwork": true,
                    "priorityClassName": "system-node-critical",
                    "tolerations": [["operator": "Exists"]],
                ],
            ],
        ]
        return (.daemonSets, object)
    }

    private var coreDNS: (Resource, KubernetesObject) {
        let labels: JSONValue = ["k8s-app": "kube-dns"]
        var object = KubernetesObject(.deployments, namespace: "kube-system", name: "coredns")
        object.labels = ["k8s-app": "kube-dns"]
        object.spec = [
            "replicas": 2,
            "selector": ["matchLabels": labels],
            "strategy": ["type": "RollingUpdate", "rollingUpdate": ["maxUnavailable": 1, "maxSurge": "25%"]],
            "template": [
                "metadata": ["labels": labels],
                "spec": [
                    "containers": [
                        [
                            "name": "coredns", "image": .string("registry.k8s.io/coredns/coredns:\(coreDNSTag)"),
                            "resources": ["requests": ["cpu": "100m", "memory": "70Mi"]],
                        ]
                    ],
                    "priorityClassName": "system-cluster-critical",
                    "affinity": [
                        "podAntiAffinity": [
                            "preferredDuringSchedulingIgnoredDuringExecution": [
                                [
                                    "weight": 100,
                                    "podAffinityTerm": [
                                        "labelSelector": ["matchLabels": labels],
                                        "topologyKey": "kubernetes.io/hostname",
                                    ],
                                ]
                            ]
                        ]
                    ],
                    "tolerations": [
                        ["key": "CriticalAddonsOnly", "operator": "Exists"],
                        ["key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"],
                    ],
                ],
            ],
        ]
        return (.deployments, object)
    }
}
