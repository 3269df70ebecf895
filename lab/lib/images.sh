# shellcheck shell=bash
# Stage: container images made from the binaries, and a containerd that has them all.

# layer FOLDER: its tar in $archive, named by hash; prints the name.
layer() {
    local digest
    tar --create --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --file "$archive/new" --directory "$1" .
    digest=$(sha256sum "$archive/new" | cut -c1-64)
    mv "$archive/new" "$archive/$digest.tar"
    echo "$digest"
}

# image TAG PROGRAM LAYER...: adds it to the archive and to $manifest. An empty PROGRAM leaves it to the pod.
image() {
    local tag=$1 program=${2:+\"$2\"} diffs tars config
    shift 2
    diffs=$(printf ',"sha256:%s"' "$@")
    tars=$(printf ',"%s.tar"' "$@")
    cat >"$archive/new" <<CONFIG
{"architecture": "amd64", "os": "linux", "created": "2021-01-13T13:20:00Z",
 "config": {"Env": ["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], "WorkingDir": "/",
            "Entrypoint": [$program], "Labels": {"lab": "$tag"}},
 "rootfs": {"type": "layers", "diff_ids": [${diffs#,}]}}
CONFIG
    config=$(sha256sum "$archive/new" | cut -c1-64).json
    mv "$archive/new" "$archive/$config"
    manifest+=",{\"Config\": \"$config\", \"RepoTags\": [\"$tag\"], \"Layers\": [${tars#,}]}"
}

# layer_of FROM TO [FROM TO]...: a layer of these files.
layer_of() {
    local folder=$work/layer
    rm -rf "$folder"
    while [ $# -gt 0 ]; do
        install -D "$1" "$folder/$2"
        shift 2
    done
    layer "$folder"
}

# layer_from_builder PROGRAM...: programs of the builder with the shared objects they name.
layer_from_builder() {
    local names files index pairs=()
    mapfile -t names < <({ printf '%s\n' "$@" && in_root "$CACHE/builder" ldd "$@" | grep -oE '/(lib|usr)[^ :]+'; } | sort -u)
    mapfile -t files < <(in_root "$CACHE/builder" readlink -f "${names[@]}")
    for index in "${!names[@]}"; do
        pairs+=("$CACHE/builder${files[index]}" "${names[index]}")
    done
    layer_of "${pairs[@]}"
}

# archive_images FOLDER: images.tar in there, as containerd imports it; made without a registry and without a daemon.
archive_images() {
    local work=$1 archive=$1/archive manifest="" shell etcd tools version program applet registry=k8s.gcr.io
    mkdir -p "$archive" "$work/shell/bin" "$work/shell/etc" "$work/shell/tmp" "$work/links"
    cp "$CACHE/helpers/busybox" "$work/shell/bin/"
    for applet in sh ls cat sleep ps wget env mkdir rm cp mv tar ip nslookup grep id hostname; do
        ln -s busybox "$work/shell/bin/$applet"
    done
    echo 'root:x:0:0:root:/root:/bin/sh' >"$work/shell/etc/passwd"
    shell=$(layer "$work/shell")

    for version in 3.2 3.4.1 3.5; do
        image "$registry/pause:$version" /pause "$(layer_of "$CACHE/helpers/pause" pause)"
    done
    image "$registry/coredns:1.7.0" /coredns "$shell" "$(layer_of "$CACHE/helpers/coredns" coredns)"
    for version in 1.0 1.1; do
        image "registry.lab/app:$version" /app "$shell" "$(layer_of "$CACHE/helpers/app" app)"
    done
    etcd=$(layer_from_builder /usr/bin/etcd /usr/bin/etcdctl)
    image "$registry/etcd:3.4.13-0" "" "$shell" "$etcd"
    image "$registry/etcd:3.5.0-0" "" "$shell" \
        "$(layer_of "$CACHE/etcd/etcd" usr/local/bin/etcd "$CACHE/etcd/etcdctl" usr/local/bin/etcdctl)"

    # shellcheck disable=SC2046
    tools=$(layer_from_builder /usr/sbin/xtables-nft-multi /usr/sbin/conntrack /usr/sbin/ipset \
        $(cd "$CACHE/builder" && find usr/lib/x86_64-linux-gnu/xtables -name '*.so' -printf '/%p\n'))
    mkdir -p "$work/links/usr/sbin"
    for applet in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
        ln -s xtables-nft-multi "$work/links/usr/sbin/$applet"
    done
    for version in "${VERSIONS[@]}"; do
        for program in kube-apiserver kube-controller-manager kube-scheduler; do
            image "$registry/$program:v$version" "" "$shell" \
                "$(layer_of "$CACHE/binaries/v$version/$program" "usr/local/bin/$program")"
        done
        image "$registry/kube-proxy:v$version" "" "$shell" "$tools" "$(layer "$work/links")" \
            "$(layer_of "$CACHE/binaries/v$version/kube-proxy" usr/local/bin/kube-proxy)"
    done
    echo "[${manifest#,}]" >"$archive/manifest.json"
    tar --create --file "$1/images.tar" --directory "$archive" .
    rm -rf "$archive"
}

# containerd's folder with all images unpacked: nodes get hard links to it instead of pulling.
make_containerd() {
    local work=$CACHE/images
    rm -rf "$work"
    archive_images "$work"
    # shellcheck disable=SC2016
    in_root "$CACHE/system" --bind "$1" /var/lib/containerd --bind "$work" /mnt bash -euc '
        containerd >/mnt/containerd.log 2>&1 &
        for try in {1..50}; do ctr version >/dev/null 2>&1 && break; sleep 0.2; done
        ctr --namespace k8s.io images import /mnt/images.tar >/dev/null
        kill $!
        wait $! || true' || die "the images could not be imported; see $work/containerd.log"
    rm -rf "$work"
}
