#!/bin/bash
# Boots the machine's own systemd as process 1 of namespaces of its own, over an overlay of the
# machine's own root: nothing is downloaded, no file, sysctl or unit of the machine is touched.
#
#   systemd_container.sh FOLDER CGROUP RULES CHECKOUT
#
# FOLDER  an empty folder for the overlay    CGROUP  a cgroup v2 folder to create and live in
# RULES   a polkit rules file to install    CHECKOUT  this repository, seen inside read-only
#
# Needs root with CAP_SYS_ADMIN. Killing this process ends all of it; then CGROUP can be removed.
set -eu
export FOLDER=$1 CGROUP=$2 RULES=$3 CHECKOUT=$4

mkdir "$CGROUP"
echo $$ > "$CGROUP/cgroup.procs"
exec unshare --mount --pid --uts --ipc --cgroup --net --fork --kill-child \
    --propagation private -- bash -eu -c '
root=$FOLDER/root
mkdir -p "$FOLDER/changes" "$root"
mount -t tmpfs tmpfs "$FOLDER/changes"
mkdir "$FOLDER/changes/upper" "$FOLDER/changes/work"
mount -t overlay overlay "$root" \
    -o "lowerdir=/,upperdir=$FOLDER/changes/upper,workdir=$FOLDER/changes/work"

# The kernel is shared: its settings stay read-only for what runs inside.
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,ro,bind "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
if [ ! -e "$root$CHECKOUT" ]; then  # below /tmp, which is new inside, or on another disk
    mkdir -p "$root$CHECKOUT"
    mount --bind "$CHECKOUT" "$root$CHECKOUT"
    mount -o remount,ro,bind "$root$CHECKOUT"
fi
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for name in null zero full random urandom tty; do
    touch "$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir "$root/dev/shm" "$root/dev/pts"

# None of the units that the machine has enabled, and none that would act on its kernel.
units=$root/etc/systemd/system
rm -rf "$units"
mkdir -p "$units"
for name in sysctl modules-load remount-fs udevd timesyncd update-utmp random-seed; do
    ln -s /dev/null "$units/systemd-$name.service"
done
systemd-id128 new > "$root/etc/machine-id"

cat > "$units/test.target" <<END
[Unit]
Requires=basic.target dbus.socket
After=basic.target dbus.socket
AllowIsolate=yes
END
for name in sovani-bot sovani-web-api sovani-scheduler sovani-ops bystander; do
    cat > "$units/$name.service" <<END
[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=/bin/sleep 100000
END
done
cat > "$units/dies-later.service" <<END
[Service]
ExecStart=/bin/sleep 0.1
END
cat > "$units/comes-back.service" <<END
[Service]
ExecStart=/bin/sleep 0.1
Restart=always
RestartSec=50ms
StartLimitBurst=1000
END
cat > "$units/fails.service" <<END
[Service]
Type=oneshot
ExecStart=/bin/false
END
cat > "$units/often.service" <<END
[Unit]
StartLimitIntervalSec=60
StartLimitBurst=2
[Service]
ExecStart=/bin/sleep 100000
END
cat > "$units/stubborn.service" <<END
[Service]
ExecStart=/bin/sh -c "trap : TERM; while :; do sleep 1; done"
TimeoutStopSec=5
END

id -u sovani-ops > /dev/null 2>&1 || useradd -R "$root" --system --shell /usr/sbin/nologin sovani-ops
mkdir -p "$root/etc/polkit-1/rules.d"
install -m 644 "$RULES" "$root/etc/polkit-1/rules.d/"

cd "$root"
mkdir .old
pivot_root . .old
umount -l /.old
mount --make-rshared /
export container=test
exec chroot . /lib/systemd/systemd --unit=test.target --log-target=console --show-status=0'
