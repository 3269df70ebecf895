# shellcheck shell=bash
# Stage: the signed package repositories, one a minor version.

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
    local work=$CACHE/packing version minor into binary
    rm -rf "$work"
    for version in "${VERSIONS[@]}"; do
        minor=$(cut -d. -f1,2 <<<"$version")
        into=$1/core:/stable:/v$minor/deb
        for binary in kubeadm kubelet kubectl; do
            install -D -t "$work/$binary/usr/bin" "$CACHE/binaries/v$version/$binary"
        done
        package kubectl "$version-$REVISION" ""
        package kubelet "$version-$REVISION" "kubernetes-cni (>= 0.8.7), iptables (>= 1.4.21), iproute2, socat, \
util-linux, mount, ebtables, ethtool, conntrack"
        package kubeadm "$version-$REVISION" "kubelet (>= 1.19.0), kubectl (>= 1.19.0), kubernetes-cni (>= 0.8.7), \
cri-tools (>= 1.13.0)"
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
