#!/bin/bash
# Boots a bare Debian tree with its own systemd as process 1 of namespaces of its own.
#
#   bare_debian.sh BASE FOLDER CGROUP CHECKOUT WHEELS
#
# BASE      a tree made by debootstrap, left as it is   FOLDER  keeps all changes: booting again with
# CGROUP    a cgroup v2 folder to create and live in            it is a reboot
# CHECKOUT  this repository and                         WHEELS  packages for pip; both read-only
#
# Needs root with CAP_SYS_ADMIN. Killing this process ends all of it; then CGROUP can be removed.
set -eu
export BASE=$1 FOLDER=$2 CGROUP=$3 CHECKOUT=$4 WHEELS=$5

mkdir "$CGROUP"
echo $$ > "$CGROUP/cgroup.procs"
mkdir -p "$FOLDER/upper" "$FOLDER/work" "$FOLDER/root"
exec unshare --mount --pid --uts --ipc --cgroup --fork --kill-child \
    --propagation private -- bash -eu -c '
root=$FOLDER/root
mount -t overlay overlay "$root" -o "lowerdir=$BASE,upperdir=$FOLDER/upper,workdir=$FOLDER/work"

# The kernel is shared: its settings stay read-only for what runs inside.
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,ro,bind "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root/mnt/checkout" "$root/mnt/wheels"
for pair in "$CHECKOUT checkout" "$WHEELS wheels"; do
    mount --bind "${pair% *}" "$root/mnt/${pair##* }"
    mount -o remount,ro,bind "$root/mnt/${pair##* }"
done
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for name in null zero full random urandom tty; do
    touch "$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"

# Units that would act on the kernel, or ask for a console, are not for a container.
units=$root/etc/systemd/system
for name in systemd-sysctl systemd-modules-load systemd-remount-fs systemd-udevd systemd-timesyncd \
    systemd-update-utmp systemd-random-seed systemd-firstboot console-getty getty@tty1; do
    ln -sf /dev/null "$units/$name.service"
done
[ -s "$root/etc/machine-id" ] && grep -q "^[0-9a-f]" "$root/etc/machine-id" \
    || tr -d - < /proc/sys/kernel/random/uuid > "$root/etc/machine-id"
for name in sovani-bot sovani-web-api sovani-scheduler bystander; do
    printf "[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/bin/sleep 100000\n" \
        > "$units/$name.service"
done

cd "$root"
mkdir -p .old
pivot_root . .old
umount -l /.old
mount --make-rshared /
export container=test
exec /lib/systemd/systemd --unit=multi-user.target --log-target=journal --show-status=0'
