# shellcheck shell=bash
# Machines (systemd-nspawn), the network namespace they live in, and the services beside them.

# --- cgroups: a folder $NAME in every hierarchy, with one folder a machine and one, "services", for all the rest.

cgroup_roots() {
    if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
        echo /sys/fs/cgroup
    else
        find /sys/fs/cgroup -mindepth 1 -maxdepth 1 -type d
    fi
}

prepare_cgroup() { # prepare_cgroup GROUP
    local root file
    for root in $(cgroup_roots); do
        mkdir -p "$root/$NAME/$1"
        for file in cpuset.cpus cpuset.mems; do # v1: empty in a new group, and nothing can enter it then
            [ -e "$root/$file" ] || continue
            cat "$root/$file" >"$root/$NAME/$file"
            cat "$root/$file" >"$root/$NAME/$1/$file"
        done
        if [ "$root" = /sys/fs/cgroup ]; then # v2: controllers are handed down one by one
            # shellcheck disable=SC2013
            for file in $(cat "$root/cgroup.controllers"); do
                echo "+$file" >"$root/cgroup.subtree_control"
                echo "+$file" >"$root/$NAME/cgroup.subtree_control"
            done
        fi
    done
}

enter_cgroup() { # enter_cgroup GROUP: the shell that calls it
    local root
    for root in $(cgroup_roots); do
        echo "$BASHPID" >"$root/$NAME/$1/cgroup.procs"
    done
}

cgroup_processes() { # cgroup_processes [GROUP]: every process in it, by any hierarchy
    local root
    for root in $(cgroup_roots); do
        [ ! -d "$root/$NAME/${1:-}" ] || find "$root/$NAME/${1:-}" -name cgroup.procs -exec cat {} + 2>/dev/null || true
    done | sort -u
}

remove_cgroup() { # remove_cgroup [GROUP]: whatever still runs in it is killed
    local root tries=50 process
    while [ $tries -gt 0 ]; do
        for process in $(cgroup_processes "${1:-}"); do
            kill -KILL "$process" 2>/dev/null || true
        done
        for root in $(cgroup_roots); do
            [ ! -d "$root/$NAME/${1:-}" ] || find "$root/$NAME/${1:-}" -depth -type d -exec rmdir {} + 2>/dev/null || true
        done
        [ -n "$(for root in $(cgroup_roots); do [ ! -d "$root/$NAME/${1:-}" ] || echo "$root"; done)" ] || return 0
        tries=$((tries - 1))
        sleep 0.1
    done
    die "the cgroup $NAME/${1:-} could not be removed"
}

# --- services: plain processes in the cgroup "services"; a file $RUN/NAME.pid each.

service_pid() { # service_pid NAME: its process id, and success only if it runs
    local pid root
    pid=$(cat "$RUN/$1.pid" 2>/dev/null) || return 1
    for root in $(cgroup_roots); do
        grep -qx "$pid" "$root/$NAME/services/cgroup.procs" 2>/dev/null || return 1
        break
    done
    echo "$pid"
}

service() { # service NAME COMMAND...: see that it runs
    local name=$1
    shift
    ! service_pid "$name" >/dev/null || return 0
    rm -f "$RUN/$name.pid"
    (
        enter_cgroup services
        # shellcheck disable=SC2016
        exec setsid --fork bash -c 'echo $$ >"$0"; exec "$@"' "$RUN/$name.pid" "$@" </dev/null >>"$RUN/$name.log" 2>&1 7>&- 8>&-
    )
    wait_for 5 "service $name to start (its words are in $RUN/$name.log)" service_pid "$name"
}

# --- the network: a namespace that a sleeping process keeps, a bridge in it, the package repository on the bridge.

has_own_network() { ! [ "/proc/$(service_pid network)/ns/net" -ef /proc/self/ns/net ]; }
in_network() { nsenter --net="$RUN/net" -- "$@"; }

start_network() {
    prepare_cgroup services
    prepare_host
    if ! service_pid network >/dev/null; then
        service network unshare --net sleep infinity
        wait_for 5 "the network namespace" has_own_network
        ln -sfn "/proc/$(service_pid network)/ns/net" "$RUN/net"
        in_network ip link set lo up
        in_network ip link add "$BRIDGE" type bridge
        in_network ip address add "$GATEWAY/24" dev "$BRIDGE"
        in_network ip link set "$BRIDGE" up
    fi
    # A name for `ip netns exec`; the laboratory itself does not need it.
    if ! [ "/run/netns/$NAME" -ef "$RUN/net" ]; then
        ip netns delete "$NAME" 2>/dev/null || rm -f "/run/netns/$NAME"
        ip netns attach "$NAME" "$(service_pid network)"
    fi
    service repository nsenter --net="$RUN/net" -- "$CACHE/helpers/busybox" httpd -f -p "$GATEWAY:80" -h "$CACHE/repository"
}

start_balancer() {
    in_network ip address replace "$BALANCER/24" dev "$BRIDGE"
    service balancer nsenter --net="$RUN/net" -- chroot "$CACHE/node" haproxy -db -f /etc/haproxy/haproxy.cfg
}

stop_network() {
    remove_cgroup services
    ! [ -e "/run/netns/$NAME" ] || ip netns delete "$NAME"
    # The folder is a mount of its own as soon as a namespace had a name; without names it is of no use.
    if [ -d /run/netns ] && [ -z "$(ls /run/netns)" ]; then
        umount /run/netns 2>/dev/null || true
        rmdir /run/netns 2>/dev/null || true
    fi
    restore_host
    rm -rf "$RUN/net" "$RUN"/*.pid
}

# What laboratories that run side by side share: the one setting of the host that must be raised (each systemd and
# kubelet takes a dozen inotify instances), and an empty folder that their machines mount over. The last to go puts
# both back.
prepare_host() {
    local before=/run/keelstep-labs/max_user_instances
    mkdir -p /run/keelstep-labs
    touch "/run/keelstep-labs/lab-$NAME"
    [ -e $before ] || cat /proc/sys/fs/inotify/max_user_instances >$before
    [ "$(cat /proc/sys/fs/inotify/max_user_instances)" -ge 8192 ] || echo 8192 >/proc/sys/fs/inotify/max_user_instances
}

restore_host() {
    local folder=/run/keelstep-labs
    [ -d $folder ] || return 0
    rm -f "$folder/lab-$NAME"
    ! compgen -G "$folder/lab-*" >/dev/null || return 0
    cat $folder/max_user_instances >/proc/sys/fs/inotify/max_user_instances
    rmdir /run/systemd/nspawn 2>/dev/null || true
    rm -r $folder
}

# --- machines: $NODES/NAME holds upper (its changes over the node's root file system), containerd and kubelet.

machine_pid() { service_pid "machine-$1"; }

# The files that make a machine this machine are written under its disk's upper layer: nothing is mounted for it.
make_disk() {
    local node=$1 disk=$NODES/$1 number peer
    [ ! -e "$disk/ready" ] || return 0
    number=$(octet "$node")
    rm -rf "$disk"
    mkdir -p "$disk"/{upper/etc/{lab,cni/net.d,default},work,root,kubelet}
    printf 'octet=%s\nnet=%s\npeers="%s"\n' "$number" "$NET" \
        "$(for peer in "${ALL_NODES[@]}"; do octet "$peer"; done | paste -sd' ')" >"$disk/upper/etc/lab/node"
    echo "$node" >"$disk/upper/etc/hostname"
    md5sum <<<"$NAME-$node" | cut -c1-32 >"$disk/upper/etc/machine-id"
    echo "KUBELET_EXTRA_ARGS=--node-ip=$(address "$node")" >"$disk/upper/etc/default/kubelet"
    cat >"$disk/upper/etc/cni/net.d/10-lab.conflist" <<CNI
{"cniVersion": "0.3.1", "name": "lab", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": false, "hairpinMode": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.244.$number.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
CNI
    finish_disk "$node"
}

# finish_disk NODE: what is not part of a saved cluster: this laboratory's SSH keys, and a containerd with all images and
# no container. Its files are hard links to those in the cache, except for the databases, which are written in place.
finish_disk() {
    local node=$1 disk=$NODES/$1
    mkdir -p "$disk"/{upper/etc/{lab,ssh},work,root}
    install -m 644 "$LAB/ssh/id_ed25519.pub" "$disk/upper/etc/lab/authorized_keys"
    install -m 600 "$LAB/ssh/host-$node" "$disk/upper/etc/ssh/ssh_host_ed25519_key"
    install -m 644 "$LAB/ssh/host-$node.pub" "$disk/upper/etc/ssh/ssh_host_ed25519_key.pub"
    cp -al "$CACHE/containerd" "$disk/containerd"
    (cd "$CACHE/containerd" && find . -name '*.db' -exec cp --remove-destination --parents -t "$disk/containerd" {} +)
    touch "$disk/ready"
}

start_machines() { # start_machines NODE...: and wait until they can be logged in to
    local node
    cp "$CACHE/node.key" "$LAB/built-from"
    for node in "$@"; do
        machine_pid "$node" >/dev/null || remove_cgroup "$node" # of a machine whose supervisor was killed
        make_disk "$node"
        prepare_cgroup "$node"
        service "machine-$node" nsenter --net="$RUN/net" -- unshare --mount --propagation slave -- \
            "$HERE/lib/machine" "$node"
    done
    for node in "$@"; do
        wait_for 60 "machine $node to let us in (its console is $RUN/machine-$node.log)" on "$node" true
    done
}

stop_machines() { # stop_machines NODE...: an orderly power-off, all at once; a kill for those that do not end
    local node pid
    for node in "$@"; do
        if pid=$(machine_pid "$node"); then kill -TERM "$pid"; fi
    done
    for node in "$@"; do
        for _ in {1..150}; do
            machine_pid "$node" >/dev/null || break
            sleep 0.2
        done
        if pid=$(machine_pid "$node"); then
            say "$node does not power off; killing it"
            kill -KILL "$pid"
        fi
        remove_cgroup "$node"
        rm -f "$RUN/machine-$node.pid"
    done
}

# --- SSH

# on NODE COMMAND: as root. The command is one string for the node's shell, as ssh has it.
on() {
    local node=$1
    shift
    ssh -F "$SSH_CONFIG" -o BatchMode=yes -o ConnectTimeout=5 -l root "$node" "$@"
}

# Keys and a client configuration that works inside the network namespace, directly, and outside of it, through nsenter.
write_ssh_config() {
    local node folder=$LAB/ssh
    install -d -m 700 "$folder"
    [ -e "$folder/id_ed25519" ] || ssh-keygen -q -t ed25519 -N '' -C "$NAME" -f "$folder/id_ed25519"
    : >"$folder/known_hosts"
    {
        echo "# Written by lab/up."
        for node in "${ALL_NODES[@]}"; do
            [ -e "$folder/host-$node" ] || ssh-keygen -q -t ed25519 -N '' -C "$node" -f "$folder/host-$node"
            echo "$node,$(address "$node") $(cut -d' ' -f1,2 "$folder/host-$node.pub")" >>"$folder/known_hosts"
            printf 'Host %s %s\n    HostName %s\n' "$node" "$(address "$node")" "$(address "$node")"
        done
        cat <<CONFIG
Match host $NET.* !exec "ip link show dev $BRIDGE >/dev/null 2>&1"
    ProxyCommand nsenter --net=$RUN/net -- $CACHE/helpers/busybox nc %h %p
Match host $NET.*
    User ops
    IdentityFile $folder/id_ed25519
    IdentitiesOnly yes
    StrictHostKeyChecking yes
    UserKnownHostsFile $folder/known_hosts
    GlobalKnownHostsFile /dev/null
    LogLevel ERROR
CONFIG
    } >"$SSH_CONFIG"
}
