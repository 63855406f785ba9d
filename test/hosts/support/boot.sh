#!/bin/sh
# Boots a host and is its process from then on. Runs in a mount and a network namespace of its own: whatever is mounted
# and configured here is gone when the host ends, its firewall rules as on any reboot.
set -eu

# One file holds the disk, and behind it the disk of /var where there is one: a power cut takes both at one moment.
mount -o "loop,sizelimit=${DISK}M" "$IMAGE" "$FOLDER/disk"
mount -t overlay overlay -o "lowerdir=$BASE,upperdir=$FOLDER/disk/upper,workdir=$FOLDER/disk/work" "$FOLDER/root"
if [ "$VAR" -gt 0 ]; then
  mount -o "loop,offset=$((DISK << 20)),sizelimit=${VAR}M" "$IMAGE" "$FOLDER/root/mnt/var"
fi

# A fixed hardware address: with a new one at each boot the operator's ARP cache hides the host for 20 s.
nsenter --target "$KEEPER" --net ip link del "$LINK" 2>/dev/null || true
ip link add eth0 address "$MAC" type veth peer name "$LINK" netns "$KEEPER"
nsenter --target "$KEEPER" --net ip link set "$LINK" master "$BRIDGE" up
ip link set lo up
ip address add "$ADDRESS/24" dev eth0
ip link set eth0 up
ip route add default via "$GATEWAY"

# A control group of its own, or it shares with the other hosts those of the units that are named alike.
for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
  [ -e "$hierarchy/cgroup.procs" ] || continue
  mkdir -p "$hierarchy/$LINK"
  echo $$ >"$hierarchy/$LINK/cgroup.procs"
done

# The outer process namespace ends with nspawn, and takes the guest along, which nspawn alone would leave running.
exec unshare --pid --kill-child --mount-proc \
  systemd-nspawn --quiet --boot --directory="$FOLDER/root" --machine="$NAME" --register=no --keep-unit \
  --network-namespace-path=/proc/self/ns/net --capability=CAP_NET_ADMIN \
  --resolv-conf=off --timezone=off --link-journal=no
