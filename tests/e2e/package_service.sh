#!/usr/bin/env bash
# The service under a systemd of its own: what its sandbox leaves it, its starts and stops. $1 is the package, $2 a free port. In
# namespaces of its own, on a throw-away copy of this system. Exit code 77: this machine does not allow that.
set -euo pipefail
package=$1 port=$2

if [[ ! -x /lib/systemd/systemd ]]; then echo "this system has no systemd"; exit 77; fi
scratch=$(mktemp -d)
mount --make-rprivate / 2>/dev/null && mount -t tmpfs tmpfs "$scratch" 2>/dev/null || { echo "this machine lets nobody mount"; exit 77; }
root=$scratch/root
mkdir "$scratch"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=/,upperdir=$scratch/upper,workdir=$scratch/work" "$root" || { echo "no overlay file system"; exit 77; }
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount --rbind /dev "$root/dev"
mount -t sysfs sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
cp "$package" "$root/epay.deb"
# Images of systems in containers forbid starts by packages.
rm -f "$root/usr/sbin/policy-rc.d"

cat >"$root/etc/systemd/system/drill.target" <<'UNIT'
[Unit]
Wants=drill.service systemd-journald.service
UNIT
cat >"$root/etc/systemd/system/drill.service" <<'UNIT'
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=/bin/bash /drill.sh
StandardOutput=file:/drill.log
StandardError=file:/drill.log
UNIT
{
  echo "port=$port"
  cat <<'DRILL'
set -Eeuo pipefail
trap 'echo "FAILED in line $LINENO: $BASH_COMMAND"; systemctl status --no-pager -l epay' ERR
answers() { for _ in $(seq 100); do if curl -fsS "http://127.0.0.1:$port/readyz" >/dev/null 2>&1; then return; fi; sleep 0.1; done; false; }
process() { systemctl show -P MainPID epay; }
show() { systemctl show -P "$1" epay; }

dpkg -i /epay.deb
# Its own port may be taken on this machine.
sed -i "s/^listen = .*/listen = 127.0.0.1:$port/" /etc/epay/epay.conf
systemctl restart epay
answers
[[ $(ps -o user= -p "$(process)") == epay ]]
echo "OK served as its own user"

inside() { nsenter --mount --root --target "$(process)" setpriv --reuid epay --regid epay --clear-groups "$@"; }
inside test -w /var/lib/epay
for place in / /etc /etc/epay /usr /var /var/backups /home; do if inside test -w "$place"; then echo "it may write to $place"; false; fi; done
grep -q '^CapEff:\s*0000000000000000$' "/proc/$(process)/status"
grep -q '^NoNewPrivs:\s*1$' "/proc/$(process)/status"
grep -q '^Seccomp:\s*2$' "/proc/$(process)/status"
echo "OK shut in"

before=$(process)
kill -9 "$before"
for _ in $(seq 100); do if [[ $(process) != 0 && $(process) != "$before" ]]; then break; fi; sleep 0.1; done
answers
echo "OK started again after a crash"

systemctl start epay-backup.service
compgen -G '/var/backups/epay/epay-*.db' >/dev/null
echo "OK backed up"

before=$(process)
dpkg -i /epay.deb
answers
[[ $(process) != "$before" ]]
echo "OK an upgrade starts it anew"

systemctl stop epay
[[ $(show Result) == success && $(show ActiveState) == inactive ]]
echo 'lisen = 127.0.0.1:1' >>/etc/epay/epay.conf
systemctl start epay || true
sleep 3
[[ $(show ActiveState) == failed && $(show NRestarts) == 0 ]]
sed -i '$d' /etc/epay/epay.conf
systemctl restart epay
answers
echo "OK stopped; not started again and again with wrong settings"

dpkg -r epay
[[ $(systemctl is-active epay) != active ]]
if pgrep -x epay; then false; fi
dpkg -P epay
[[ -s /var/lib/epay/epay.db ]]
echo "OK removed"
echo DONE
DRILL
} >"$root/drill.sh"

# It has to be the first process there is.
unshare --mount --pid --fork --kill-child bash -c 'mount -t proc proc "$1/proc" && exec chroot "$1" env -i container=drill \
  /lib/systemd/systemd --system --unit=drill.target --log-target=null' bash "$root" &
trap 'kill -KILL %1 2>/dev/null || true' EXIT
for turn in $(seq 900); do
  if (( turn > 300 )) && [[ ! -e $root/drill.log ]]; then break; fi
  if grep -qE '^(DONE|FAILED)' "$root/drill.log" 2>/dev/null; then break; fi
  sleep 0.1
done
if [[ ! -e $root/drill.log ]]; then echo "systemd does not start here"; exit 77; fi
if grep -q '^DONE$' "$root/drill.log"; then
  grep '^OK' "$root/drill.log"
else
  cat "$root/drill.log" >&2
  exit 1
fi
