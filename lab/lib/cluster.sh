# shellcheck shell=bash
# The kubeadm cluster on the machines: made, waited for, saved and brought back.

kubectl() { in_network "$CACHE/binaries/v$FIRST/kubectl" --kubeconfig "$KUBECONFIG_FILE" "$@"; }

# create_cluster PROFILE: on machines that run and know nothing of Kubernetes yet.
create_cluster() {
    local profile=$1 node join certificate_key options="" pids=()
    local token=abcdef.0123456789abcdef
    certificate_key=$(sha256sum <<<"$NAME" | cut -c1-64)
    [ "$profile" = single ] || options="--upload-certs"
    on cp1 'cat >/root/kubeadm.yaml' <<CONFIG
apiVersion: kubeadm.k8s.io/v1beta2
kind: InitConfiguration
bootstrapTokens: [{token: $token, ttl: 0s}]
certificateKey: $certificate_key
localAPIEndpoint: {advertiseAddress: $(address cp1), bindPort: 6443}
nodeRegistration: {criSocket: /run/containerd/containerd.sock}
---
apiVersion: kubeadm.k8s.io/v1beta2
kind: ClusterConfiguration
clusterName: $NAME
kubernetesVersion: v$FIRST
controlPlaneEndpoint: $(endpoint "$profile")
networking: {podSubnet: 10.244.0.0/16, serviceSubnet: 10.96.0.0/12}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: cgroupfs
syncFrequency: 10s
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 50Mi, nodefs.available: 1%, imagefs.available: 1%}
---
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
conntrack: {maxPerCore: 0, min: 0}
CONFIG
    elapsed "kubeadm init on cp1" kubeadm_on cp1 "init --config /root/kubeadm.yaml $options"
    on cp1 cat /etc/kubernetes/admin.conf | install -m 600 /dev/stdin "$KUBECONFIG_FILE"
    join=$(on cp1 'openssl x509 -pubkey -noout -in /etc/kubernetes/pki/ca.crt | openssl pkey -pubin -outform der | sha256sum')
    join="join $(endpoint "$profile") --token $token --discovery-token-ca-cert-hash sha256:${join%% *}"
    for node in $(control_planes "$profile"); do
        if [ "$node" != cp1 ]; then
            elapsed "kubeadm join on $node" kubeadm_on "$node" \
                "$join --control-plane --certificate-key $certificate_key --apiserver-advertise-address $(address "$node")"
        fi
        on "$node" 'install -D -m 600 /etc/kubernetes/admin.conf /root/.kube/config'
    done
    for node in $(workers); do
        kubeadm_on "$node" "$join" &
        pids+=($!)
    done
    for node in "${pids[@]}"; do
        wait "$node" || die "a worker did not join"
    done
    for node in $(control_planes "$profile") $(workers); do
        on "$node" 'apt-get update -qq' || die "$node cannot read the package repository"
    done
    kubectl wait --for=condition=Ready node --all --timeout=120s >/dev/null
    kubectl apply -f "$HERE/workload.yaml" >/dev/null
    elapsed "everything Ready" wait_for 240 "the cluster to settle" is_settled "$profile"
}

kubeadm_on() { # kubeadm_on NODE ARGUMENTS
    on "$1" "kubeadm $2" >"$RUN/kubeadm-$1.log" 2>&1 || {
        tail -n 20 "$RUN/kubeadm-$1.log" >&2
        die "kubeadm failed on $1; all it said is in $RUN/kubeadm-$1.log"
    }
}

# is_settled PROFILE [SINCE]: every node Ready and heard of since then, every control-plane pod there and every workload
# complete. What was written before a power-off proves nothing: hence the Leases.
is_settled() {
    local nodes
    nodes=$(($(control_planes "$1" | wc -w) + $(workers | wc -w)))
    kubectl get --raw /readyz >/dev/null || return 1
    kubectl get nodes --no-headers | awk -v want="$nodes" '$2 ~ /^Ready/ {ready++} END {exit ready != want}' || return 1
    kubectl -n kube-node-lease get leases -o 'jsonpath={range .items[*]}{.spec.renewTime}{"\n"}{end}' \
        | awk -v since="${2:-0}" -v want="$nodes" '$1 > since {fresh++} END {exit fresh != want}' || return 1
    kubectl -n kube-system get pods -l tier=control-plane --no-headers \
        | awk -v want="$(($(control_planes "$1" | wc -w) * 4))" '$2 == "1/1" {ready++} END {exit ready != want}' || return 1
    kubectl get deployments,daemonsets --all-namespaces -o \
        'jsonpath={range .items[*]}{.status.replicas}{.status.desiredNumberScheduled} {.status.readyReplicas}{.status.numberReady}{"\n"}{end}' \
        | awk '$1 != $2 || $1 == 0 {wrong++} END {exit wrong > 0 || NR < 4}'
}

# settle: after a power-on; a controller may still change its mind, so several looks in a row must agree.
settle() { # settle PROFILE SINCE
    local looks
    for ((looks = 0; looks < 4; looks++)); do
        wait_for 180 "the cluster to settle" is_settled "$@"
        sleep 1
        is_settled "$@" >/dev/null 2>&1 || looks=-1
    done
}

# save_cluster NAME: the disks of all machines, which are powered off for it and on again.
save_cluster() {
    local folder=$SAVED/$1 profile node since nodes
    profile=$(profile)
    read -ra nodes <<<"$(control_planes "$profile") $(workers)"
    stop_machines "${nodes[@]}"
    rm -rf "$folder" "$folder.new"
    for node in "${nodes[@]}"; do
        mkdir -p "$folder.new/$node"
        cp -a "$NODES/$node/upper" "$NODES/$node/kubelet" "$folder.new/$node/"
        # Of containers that the restored containerd will not know.
        (cd "$folder.new/$node/upper/var" && rm -rf lib/cni log/pods log/containers log/journal)
    done
    cp -p "$KUBECONFIG_FILE" "$LAB/built-from" "$LAB/profile" "$folder.new/"
    mv "$folder.new" "$folder"
    since=$(date -u +%FT%T)
    start_machines "${nodes[@]}"
    settle "$profile" "$since"
}

# has_saved NAME: a cluster was saved under that name, on the node image that there is now.
has_saved() { cmp -s "$SAVED/$1/built-from" "$CACHE/node.key"; }

# has_fresh PROFILE: and one that create_cluster would make just so again.
has_fresh() { has_saved "fresh-$1" && [ "$(cat "$SAVED/fresh-$1/recipe" 2>/dev/null)" = "$(recipe)" ]; }
recipe() { { declare -f create_cluster make_disk && cat "$HERE/workload.yaml"; } | sha256sum | cut -c1-16; }

restore_cluster() { # restore_cluster NAME
    local folder=$SAVED/$1 profile node since nodes
    has_saved "$1" || die "no cluster is saved as '$1' for this build; saved are: $(saved_clusters)"
    profile=$(cat "$folder/profile")
    read -ra nodes <<<"$(control_planes "$profile") $(workers)"
    stop_machines "${ALL_NODES[@]}"
    rm -rf "$NODES"
    for node in "${nodes[@]}"; do
        mkdir -p "$NODES/$node"
        cp -a "$folder/$node/." "$NODES/$node/"
        finish_disk "$node"
    done
    cp -p "$folder/admin.conf" "$KUBECONFIG_FILE"
    cp -p "$folder/profile" "$LAB/profile"
    [ "$profile" = single ] || start_balancer
    since=$(date -u +%FT%T)
    start_machines "${nodes[@]}"
    settle "$profile" "$since"
}
