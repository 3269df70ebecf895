# shellcheck shell=bash disable=SC2034
# What every command of the laboratory begins with: names, folders, messages, and what the machine must have.
set -euo pipefail
umask 022
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
LAB=${KEELSTEP_LAB:-/var/lib/keelstep-lab}
CACHE=${KEELSTEP_LAB_CACHE:-$LAB/cache}
# One name for the network namespace, the cgroup and the machines: two folders are two laboratories, side by side.
NAME=$(basename "$LAB")
RUN=$LAB/run
NODES=$LAB/nodes
SAVED=$CACHE/saved
SSH_CONFIG=$LAB/ssh/config
KUBECONFIG_FILE=$LAB/admin.conf

# The first is the version of Debian's source; the others are the same code under another stamp.
read -ra VERSIONS <<<"${KEELSTEP_LAB_VERSIONS:-1.20.2 1.21.0 1.22.0}"
FIRST=${VERSIONS[0]}
REVISION=1.1

NET=10.77.0
BRIDGE=lab0
GATEWAY=$NET.1
BALANCER=$NET.5
ALL_NODES=(cp1 cp2 cp3 w1 w2)

say() { echo "$*" >&2; }
die() {
    echo "lab: $*" >&2
    exit 1
}

# octet NODE: the last number of its address, and the third of its pods' subnet.
octet() {
    case $1 in
        cp[1-3]) echo "1${1#cp}" ;;
        w[12]) echo "2${1#w}" ;;
        *) die "no node is called '$1'; nodes are ${ALL_NODES[*]}" ;;
    esac
}
address() { echo "$NET.$(octet "$1")"; }

control_planes() { # control_planes PROFILE
    case $1 in
        single) echo cp1 ;;
        ha) echo cp1 cp2 cp3 ;;
        *) die "no profile is called '$1'; there are: single (1 control plane + 2 workers), ha (3 + 2 and a load balancer)" ;;
    esac
}
workers() { echo w1 w2; }
endpoint() { if [ "$1" = ha ]; then echo "$BALANCER:6443"; else echo "$(address cp1):6443"; fi; }

# profile: of the cluster this laboratory holds; nothing if it holds none.
profile() { cat "$LAB/profile" 2>/dev/null || true; }
saved_clusters() { [ ! -d "$SAVED" ] || find "$SAVED" -mindepth 1 -maxdepth 1 ! -name '*.new' -printf '%f\n' | sort | paste -sd' '; }
require_cluster() { [ -n "$(profile)" ] || die "no cluster in $LAB; make one with: lab/up single"; }

# fingerprint PATH...: one word for the content of all files in there.
fingerprint() { find "$@" -type f -print0 | sort -z | xargs -0 sha256sum | sed "s#$HERE/##" | sha256sum | cut -c1-16; }

# elapsed MESSAGE COMMAND...: run it, and say how long it took.
elapsed() {
    local message=$1 begin=$SECONDS
    shift
    "$@"
    say "$message: $((SECONDS - begin)) s"
}

# wait_for SECONDS WHAT COMMAND...: until it succeeds.
wait_for() {
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $deadline ] || die "waited in vain for: $what"
        sleep 0.5
    done
}

# One command at a time changes a laboratory. The lock must not leak into what stays running.
hold_lock() {
    mkdir -p "$RUN"
    exec 8>"$RUN/lock"
    flock --nonblock 8 || die "another lab command is at work on $LAB"
}

# The Debian mirror that this machine uses itself.
mirror() {
    {
        sed -n 's/^URIs: *\([^ ]*\).*/\1/p' /etc/apt/sources.list.d/*.sources
        sed -nE 's/^deb +(\[[^]]*\] +)?(https?:[^ ]*).*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/*.list
    } 2>/dev/null | grep -E -m 1 '/debian/?$' || true
}

# require build|run: name everything that is missing before anything is begun. Packages are installed.
require() {
    local missing=() packages=() free memory tool
    [ "$(id -u)" = 0 ] || missing+=("root: run it as root (machines, mounts and namespaces are made)")
    [[ $LAB = /* && $NAME =~ ^[A-Za-z0-9._-]+$ ]] || missing+=("KEELSTEP_LAB must be an absolute folder with a plain name, not '$LAB'")
    command -v apt-get >/dev/null || missing+=("apt-get: this works on Debian (or a container of it)")
    [ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] || missing+=("an amd64 machine (etcd 3.5 is had as a binary)")
    [ -n "$(mirror)" ] || missing+=("a Debian mirror: no source entry in /etc/apt ends in /debian")
    for tool in debootstrap:debootstrap systemd-nspawn:systemd-container ssh:openssh-client ip:iproute2 nsenter:util-linux pip:python3-pip; do
        case ${tool%%:*} in
            pip) python3 -m pip --version >/dev/null 2>&1 || packages+=(python3-pip) ;;
            *) command -v "${tool%%:*}" >/dev/null || packages+=("${tool##*:}") ;;
        esac
    done
    local folder=$CACHE
    until [ -d "$folder" ]; do folder=$(dirname "$folder"); done
    free=$(($(stat -f -c '%a * %S' "$folder") >> 20))
    # A build takes 11 GB at its fullest; with a filled cache only the nodes' disks need room.
    local wanted=12000
    [ ! -e "$CACHE/node.key" ] || wanted=3000
    [ "$free" -ge $wanted ] || missing+=("disk: $wanted MB free under $folder; there are $free")
    if [ "$1" = run ]; then
        memory=$(awk '/^MemAvailable/ {print int($2 / 1024)}' /proc/meminfo)
        [ "$memory" -ge 2500 ] || missing+=("memory: 2500 MB available; there are $memory")
    fi
    if [ ${#missing[@]} -gt 0 ]; then
        printf 'lab: missing: %s\n' "${missing[@]}" >&2
        exit 1
    fi
    [ ${#packages[@]} -eq 0 ] && return
    say "installing ${packages[*]}"
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null; } \
        || die "missing: ${packages[*]}; install them with: apt-get install ${packages[*]}"
}
