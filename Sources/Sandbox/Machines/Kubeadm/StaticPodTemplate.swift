import KubernetesModel
import KubernetesVersions

/// The static pods of a control-plane node, as kubeadm of a version writes them.
struct StaticPodTemplate {
    let spec: MachineSpec
    let version: KubernetesVersion
    /// The cluster's ClusterConfiguration, for what differs from kubeadm's defaults.
    let configuration: JSONValue

    init(_ spec: MachineSpec, version: KubernetesVersion, configuration: JSONValue = [:]) {
        self.spec = spec
        self.version = version
        self.configuration = configuration
    }

    static let components = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]

    var manifests: [String: String] {
        var texts: [String: String] = [:]
        for component in Self.components where component != "etcd" || configuration["etcd", "external"] == nil {
            texts[component] = YAML.text(pod(component))
        }
        return texts
    }

    private var repository: String { configuration["imageRepository"]?.string ?? "registry.k8s.io" }

    private func image(_ component: String) -> String {
        if component == "etcd", let tag = configuration["etcd", "local", "imageTag"]?.string, !tag.isEmpty {
            return "\(repository)/etcd:\(tag)"
        }
        return ReleaseCatalogue.image(component, version, repository: repository)
    }

    private func pod(_ component: String) -> JSONValue {
        let volumes = hostPaths(component)
        var container: JSONValue = [
            "name": .string(component), "image": .string(image(component)), "imagePullPolicy": "IfNotPresent",
            "command": .array(([component] + arguments(component)).map { .string($0) }),
            "resources": ["requests": requests(component)],
            "volumeMounts": .array(
                volumes.map {
                    ["mountPath": .string($0.path), "name": .string($0.name), "readOnly": .bool($0.isReadOnly)]
                }
            ),
        ]
        let probe = probe(component)
        container["livenessProbe"] = probe
        container["startupProbe"] = probe
        var metadata: JSONValue = [
            "name": .string(component), "namespace": "kube-system",
            "labels": ["component": .string(component), "tier": "control-plane"],
        ]
        switch component {
        case "etcd":
            metadata["annotations"] = [
                "kubeadm.kubernetes.io/etcd.advertise-client-urls": .string("https://\(spec.address):2379")
            ]
        case "kube-apiserver":
            metadata["annotations"] = [
                "kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint": .string("\(spec.address):6443")
            ]
        default: break
        }
        return [
            "apiVersion": "v1", "kind": "Pod", "metadata": metadata,
            "spec": [
                "containers": [container], "hostNetwork": true, "priority": 2_000_001_000,
                "priorityClassName": "system-node-critical",
                "securityContext": ["seccompProfile": ["type": "RuntimeDefault"]],
                "volumes": .array(
                    volumes.map {
                        ["hostPath": ["path": .string($0.path), "type": .string($0.type)], "name": .string($0.name)]
                    }
                ),
            ],
        ]
    }

    private func requests(_ component: String) -> JSONValue {
        switch component {
        case "etcd": ["cpu": "100m", "memory": "100Mi"]
        case "kube-apiserver": ["cpu": "250m"]
        case "kube-controller-manager": ["cpu": "200m"]
        default: ["cpu": "100m"]
        }
    }

    private func probe(_ component: String) -> JSONValue {
        let (port, path): (Int64, String) =
            switch component {
            case "etcd": (2381, version.minor < 31 ? "/health?serializable=true" : "/livez")
            case "kube-apiserver": (6443, "/livez")
            case "kube-controller-manager": (10257, "/healthz")
            default: (10259, version.minor < 32 ? "/healthz" : "/livez")
            }
        return [
            "failureThreshold": component == "kube-apiserver" ? 24 : 8,
            "httpGet": [
                "host": "127.0.0.1", "path": .string(path), "port": .integer(port),
                "scheme": component == "etcd" ? "HTTP" : "HTTPS",
            ],
            "initialDelaySeconds": 10, "periodSeconds": 10, "timeoutSeconds": 15,
        ]
    }

    private func hostPaths(_ component: String) -> [(name: String, path: String, type: String, isReadOnly: Bool)] {
        switch component {
        case "etcd":
            [
                ("etcd-data", "/var/lib/etcd", "DirectoryOrCreate", false),
                ("etcd-certs", "/etc/kubernetes/pki/etcd", "DirectoryOrCreate", false),
            ]
        case "kube-apiserver":
            [
                ("ca-certs", "/etc/ssl/certs", "DirectoryOrCreate", true),
                ("k8s-certs", "/etc/kubernetes/pki", "DirectoryOrCreate", true),
            ]
        case "kube-controller-manager":
            [
                ("ca-certs", "/etc/ssl/certs", "DirectoryOrCreate", true),
                ("k8s-certs", "/etc/kubernetes/pki", "DirectoryOrCreate", true),
                ("kubeconfig", "/etc/kubernetes/controller-manager.conf", "FileOrCreate", true),
            ]
        default: [("kubeconfig", "/etc/kubernetes/scheduler.conf", "FileOrCreate", true)]
        }
    }

    private func arguments(_ component: String) -> [String] {
        var values: [String: String]
        switch component {
        case "etcd": values = etcdArguments
        case "kube-apiserver": values = apiServerArguments
        case "kube-controller-manager": values = controllerManagerArguments
        default:
            let kubeconfig = "/etc/kubernetes/scheduler.conf"
            values = [
                "authentication-kubeconfig": kubeconfig, "authorization-kubeconfig": kubeconfig,
                "bind-address": "127.0.0.1", "kubeconfig": kubeconfig, "leader-elect": "true",
            ]
        }
        for (name, value) in extraArguments(component) { values[name] = value }
        return values.sorted { $0.key < $1.key }.map { "--\($0.key)=\($0.value)" }
    }

    /// `extraArgs` of the ClusterConfiguration: a map in v1beta3, a list in v1beta4.
    private func extraArguments(_ component: String) -> [String: String] {
        let section: JSONValue? =
            switch component {
            case "etcd": configuration["etcd", "local"]
            case "kube-apiserver": configuration["apiServer"]
            case "kube-controller-manager": configuration["controllerManager"]
            default: configuration["scheduler"]
            }
        guard let extra = section?["extraArgs"] else { return [:] }
        guard let list = extra.array else { return extra.stringMap }
        return Dictionary(
            list.map { ($0["name"]?.string ?? "", $0["value"]?.string ?? "") },
            uniquingKeysWith: { _, last in last }
        )
    }

    private var etcdArguments: [String: String] {
        let client = "https://\(spec.address):2379"
        let pki = "/etc/kubernetes/pki/etcd"
        let members = spec.controlPlanes.isEmpty ? [(spec.name, spec.address)] : spec.controlPlanes
        var values = [
            "advertise-client-urls": client, "cert-file": "\(pki)/server.crt", "client-cert-auth": "true",
            "data-dir": "/var/lib/etcd", "initial-advertise-peer-urls": "https://\(spec.address):2380",
            "initial-cluster": members.map { "\($0.0)=https://\($0.1):2380" }.joined(separator: ","),
            "key-file": "\(pki)/server.key", "listen-client-urls": "https://127.0.0.1:2379,\(client)",
            "listen-metrics-urls": "http://127.0.0.1:2381", "listen-peer-urls": "https://\(spec.address):2380",
            "name": spec.name, "peer-cert-file": "\(pki)/peer.crt", "peer-client-cert-auth": "true",
            "peer-key-file": "\(pki)/peer.key", "peer-trusted-ca-file": "\(pki)/ca.crt", "snapshot-count": "10000",
            "trusted-ca-file": "\(pki)/ca.crt",
        ]
        if version.minorVersion < MinorVersion(1, 34) {
            values["experimental-initial-corrupt-check"] = "true"
            values["experimental-watch-progress-notify-interval"] = "5s"
        } else {
            values["feature-gates"] = "InitialCorruptCheck=true"
            values["watch-progress-notify-interval"] = "5s"
        }
        return values
    }

    private var apiServerArguments: [String: String] {
        let pki = "/etc/kubernetes/pki"
        return [
            "advertise-address": spec.address, "allow-privileged": "true", "authorization-mode": "Node,RBAC",
            "client-ca-file": "\(pki)/ca.crt", "enable-admission-plugins": "NodeRestriction",
            "enable-bootstrap-token-auth": "true", "etcd-cafile": "\(pki)/etcd/ca.crt",
            "etcd-certfile": "\(pki)/apiserver-etcd-client.crt", "etcd-keyfile": "\(pki)/apiserver-etcd-client.key",
            "etcd-servers": "https://127.0.0.1:2379",
            "kubelet-client-certificate": "\(pki)/apiserver-kubelet-client.crt",
            "kubelet-client-key": "\(pki)/apiserver-kubelet-client.key",
            "kubelet-preferred-address-types": "InternalIP,ExternalIP,Hostname",
            "proxy-client-cert-file": "\(pki)/front-proxy-client.crt",
            "proxy-client-key-file": "\(pki)/front-proxy-client.key",
            "requestheader-allowed-names": "front-proxy-client",
            "requestheader-client-ca-file": "\(pki)/front-proxy-ca.crt",
            "requestheader-extra-headers-prefix": "X-Remote-Extra-", "requestheader-group-headers": "X-Remote-Group",
            "requestheader-username-headers": "X-Remote-User", "secure-port": "6443",
            "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
            "service-account-key-file": "\(pki)/sa.pub", "service-account-signing-key-file": "\(pki)/sa.key",
            "service-cluster-ip-range": "10.96.0.0/12", "tls-cert-file": "\(pki)/apiserver.crt",
            "tls-private-key-file": "\(pki)/apiserver.key",
        ]
    }

    private var controllerManagerArguments: [String: String] {
        let pki = "/etc/kubernetes/pki"
        let kubeconfig = "/etc/kubernetes/controller-manager.conf"
        return [
            "allocate-node-cidrs": "true", "authentication-kubeconfig": kubeconfig,
            "authorization-kubeconfig": kubeconfig, "bind-address": "127.0.0.1", "client-ca-file": "\(pki)/ca.crt",
            "cluster-cidr": "10.244.0.0/16", "cluster-name": "kubernetes",
            "cluster-signing-cert-file": "\(pki)/ca.crt", "cluster-signing-key-file": "\(pki)/ca.key",
            "controllers": "*,bootstrapsigner,tokencleaner", "kubeconfig": kubeconfig, "leader-elect": "true",
            "requestheader-client-ca-file": "\(pki)/front-proxy-ca.crt", "root-ca-file": "\(pki)/ca.crt",
            "service-account-private-key-file": "\(pki)/sa.key", "service-cluster-ip-range": "10.96.0.0/12",
            "use-service-account-credentials": "true",
        ]
    }
}
