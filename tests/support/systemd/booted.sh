#!/bin/bash
# A real systemd as PID 1 in namespaces of its own, over a throw-away copy of this machine's root.
# Called by booted.py, in this order:
#   booted.sh outside FOLDER NAME BIND...   in a mount namespace of its own: a cgroup, then all other namespaces
#   booted.sh inside FOLDER BIND...         as PID 1: the root file system, then systemd
set -eu
stage=$1 folder=$2
shift 2

if [ "$stage" = outside ]; then
    name=$1
    shift
    mkdir -p "$folder/cgroup" "$folder/layers" "$folder/root"
    # The controllers may all belong to version 1 here; systemd is content with the tree alone.
    mount -t cgroup2 none "$folder/cgroup"
    mkdir -p "$folder/cgroup/$name"
    echo $$ >"$folder/cgroup/$name/cgroup.procs"
    exec unshare --kill-child --fork --pid --mount --uts --ipc --net --cgroup \
        bash "$0" inside "$folder" "$@"
fi

root=$folder/root
mount -t tmpfs -o mode=755 tmpfs "$folder/layers"
mkdir "$folder/layers/upper" "$folder/layers/work"
mount -t overlay -o "lowerdir=/,upperdir=$folder/layers/upper,workdir=$folder/layers/work" overlay "$root"

mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
for knob in sys sysrq-trigger; do # these are the machine's own
    [ -e "$root/proc/$knob" ] || continue
    mount --bind "$root/proc/$knob" "$root/proc/$knob"
    mount -o remount,bind,ro "$root/proc/$knob"
done
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$root/run"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/tmp"
mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
for device in null zero full random urandom tty; do
    mknod -m 666 "$root/dev/$device" c $(stat -c '0x%t 0x%T' "/dev/$device")
done
mkdir "$root/dev/pts" "$root/dev/shm"
ln -s /proc/self/fd "$root/dev/fd"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
for bind; do
    mkdir -p "$root/box/${bind##*/}"
    mount --bind "$bind" "$root/box/${bind##*/}"
    mount -o remount,bind,ro "$root/box/${bind##*/}"
done

# Only what the tests need starts: this machine's own services stay away.
units=$root/etc/systemd/system
rm -rf "$units"
mkdir -p "$units" "$root/etc/systemd/journald.conf.d"
for unit in systemd-udevd.service systemd-udev-trigger.service systemd-udevd-control.socket \
    systemd-udevd-kernel.socket systemd-timesyncd.service systemd-logind.service \
    systemd-networkd.service systemd-resolved.service console-getty.service getty.target \
    systemd-firstboot.service systemd-update-utmp.service systemd-remount-fs.service \
    systemd-hwdb-update.service systemd-binfmt.service dev-hugepages.mount dev-mqueue.mount \
    sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount \
    proc-sys-fs-binfmt_misc.automount timers.target; do
    ln -s /dev/null "$units/$unit"
done
printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\n' >"$root/etc/systemd/journald.conf.d/box.conf"
rm -f "$root/usr/sbin/policy-rc.d" # of images in which services must not start
rm -rf "$root/var/lib/eclgrmd" "$root/var/cache/eclgrmd" "$root/etc/eclgrmd"
echo box >"$root/etc/hostname"
: >"$root/etc/machine-id"
: >"$root/etc/fstab"

cd "$root"
mkdir -p .outside
pivot_root . .outside
umount -l /.outside
mount --make-rshared / # as on a booted machine: credentials need it
exec env -i container=box PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    setpriv --bounding-set -sys_module,-sys_time,-sys_rawio,-syslog,-mac_admin,-mac_override,-wake_alarm,-block_suspend \
    /lib/systemd/systemd --system --unit=multi-user.target --show-status=no --log-target=journal
