# shellcheck shell=bash source-path=SCRIPTDIR
# What the laboratory is made of, in stages. Each is a folder $CACHE/STAGE with a key beside it: a hash over the
# function that makes it and over all that goes into it, so that only what changed is made anew.

# shellcheck source=kubernetes.sh
. "$HERE/lib/kubernetes.sh"
# shellcheck source=packages.sh
. "$HERE/lib/packages.sh"
# shellcheck source=images.sh
. "$HERE/lib/images.sh"

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
            flock --nonblock "$CACHE/in-use" true \
                || die "$name is to be made anew, and machines run from it; run lab/down first"
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
    stage repository "${KEY[system]}" "${KEY[binaries]}" "${KEY[helpers]}" "$(fingerprint "$HERE/packages")" \
        "$(declare -f package)"
    stage node "${KEY[system]}" "${KEY[repository]}" "$(fingerprint "$HERE/node")"
    stage containerd "${KEY[system]}" "${KEY[binaries]}" "${KEY[helpers]}" "${KEY[etcd]}" \
        "$(declare -f archive_images layer_of image)"
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

# install_in ROOT PACKAGE...: by the resolver and the proxy that the host uses itself
install_in() {
    local root=$1
    shift
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    apt-config dump Acquire | grep -i '::proxy' >"$root/etc/apt/apt.conf.d/99host-proxy" || true
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # no service starts in a chroot
    chmod 755 "$root/usr/sbin/policy-rc.d"
    in_root "$root" --bind "$CACHE/debs" /var/cache/apt/archives bash -euc '
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >/var/log/lab-install.log 2>&1
        ' install "$@" \
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

# Debian with what a node needs beside Kubernetes.
make_system() {
    cp -a "$CACHE/base/." "$1"
    install_in "$1" systemd systemd-sysv dbus openssh-server iproute2 iputils-ping curl ca-certificates gnupg apt-utils \
        containerd runc containernetworking-plugins conntrack iptables ebtables ethtool socat ipset kmod procps \
        etcd-client haproxy sudo openssl jq less netcat-openbsd faketime
}

# The root file system of a node, with the first version installed and held. Every machine's disk is a layer over it.
make_node() {
    local unit mask=(systemd-{udevd,udev-trigger,modules-load,networkd,networkd-wait-online,resolved,sysctl}.service
        sys-kernel-{config,debug,tracing}.mount dev-hugepages.mount
        {apt-daily,apt-daily-upgrade,e2scrub_all,fstrim,man-db,dpkg-db-backup}.timer)
    cp -a "$CACHE/system/." "$1"
    : >"$1/etc/apt/sources.list" # a node has no way to the outside
    rm -rf "$1"/var/lib/apt/lists/* "$1"/etc/ssh/ssh_host_* "$1"/etc/apt/apt.conf.d/99host-proxy
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
