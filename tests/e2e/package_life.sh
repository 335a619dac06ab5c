#!/usr/bin/env bash
# A package's life in a throw-away copy of this system: what it changes goes to memory, and is gone afterwards. In namespaces of
# its own for mounts and processes (package.test.mjs). Exit code 77: this machine does not allow that.
set -euo pipefail
package=$1 port=$2

scratch=$(mktemp -d)
if ! mount -t tmpfs tmpfs "$scratch" 2>/dev/null; then echo "this machine lets nobody mount"; exit 77; fi
mkdir "$scratch"/{upper,work,root}
if ! mount -t overlay overlay -o "lowerdir=/,upperdir=$scratch/upper,workdir=$scratch/work" "$scratch/root" 2>/dev/null; then
  echo "this machine has no overlay file system"
  exit 77
fi
cp "$package" "$scratch/root/epay.deb"
mount -t proc proc "$scratch/root/proc"
mount --rbind /dev "$scratch/root/dev"

fail() { echo "FAILED: $*" >&2; exit 1; }
inside() { (enter "$@"); }
enter() { exec chroot "$scratch/root" env -u EPAY_CONFIG PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"; }
expect() {  # expect WANTED COMMAND…: what the command prints
  local wanted=$1 got
  shift
  got=$(inside "$@") || fail "$*"
  [[ $got == "$wanted" ]] || fail "$*: \"$got\", not \"$wanted\""
}
before=$(inside dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' | sort)

inside dpkg -i /epay.deb >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; fail "dpkg -i"; }
expect '/var/lib/epay:/usr/sbin/nologin' sh -c 'getent passwd epay | cut -d: -f6,7'
expect '750 root:epay /etc/epay' stat -c '%a %U:%G %n' /etc/epay
expect '640 root:epay /etc/epay/epay.conf' stat -c '%a %U:%G %n' /etc/epay/epay.conf
expect '700 epay:epay /var/lib/epay' stat -c '%a %U:%G %n' /var/lib/epay
expect '700 epay:epay /var/backups/epay' stat -c '%a %U:%G %n' /var/backups/epay
expect '/usr/lib/systemd/system/epay.service' readlink -f /etc/systemd/system/multi-user.target.wants/epay.service
# Where nobody listens on this machine.
inside sed -i "s/^listen = .*/listen = 127.0.0.1:$port/" /etc/epay/epay.conf
echo "installed"

# As the service does: as its user, with its settings.
as_service() { (enter_service "$@"); }
enter_service() { enter setpriv --reuid epay --regid epay --clear-groups sh -c 'cd /var/lib/epay && umask 077 && exec "$@"' sh "$@"; }
serve() {
  enter_service /usr/bin/epay serve --config /etc/epay/epay.conf >>"$scratch/log" 2>&1 &
  service=$!
  for _ in $(seq 100); do
    if curl -fsS http://127.0.0.1:$port/readyz >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  cat "$scratch/log" >&2
  fail "it does not answer"
}
stop() {
  kill -TERM "$service"
  wait "$service" || fail "it stopped with $?"
}
serve
as_service epay merchant create --config /etc/epay/epay.conf --name Shop --email ama@example.com --telephone 0240000000 \
  --webhook-url https://93.184.216.34/hook --json >"$scratch/merchant.json"
stop
expect '600 epay:epay /var/lib/epay/epay.db' stat -c '%a %U:%G %n' /var/lib/epay/epay.db
echo "served"

# Copies by the hour, of which some are kept; and back again.
for _ in 1 2 3; do
  inside setpriv --reuid epay --regid epay --clear-groups env EPAY_BACKUPS_KEPT=2 /usr/lib/epay/keep-backups /var/backups/epay >>"$scratch/log"
  sleep 1.1
done
expect 2 sh -c 'ls /var/backups/epay/*.db | wc -l'
newest=$(inside sh -c 'ls /var/backups/epay/*.db | tail -n 1')
inside rm /var/lib/epay/epay.db
as_service epay restore "$newest" --config /etc/epay/epay.conf >>"$scratch/log"
as_service epay verify --config /etc/epay/epay.conf >>"$scratch/log"
echo "backed up and restored"

# An upgrade keeps what was changed.
inside sed -i 's/^# log-level.*/log-level = debug/' /etc/epay/epay.conf
inside chmod 0600 /etc/epay/epay.conf
inside dpkg -i /epay.deb >>"$scratch/log" 2>&1
expect 'log-level = debug' grep '^log-level' /etc/epay/epay.conf
expect '600 root:epay /etc/epay/epay.conf' stat -c '%a %U:%G %n' /etc/epay/epay.conf
inside chmod 0640 /etc/epay/epay.conf
serve
stop
echo "upgraded"

inside dpkg -r epay >>"$scratch/log" 2>&1
expect '' sh -c 'ls -d /usr/bin/epay /usr/lib/epay /usr/lib/systemd/system/epay* 2>/dev/null || true'
expect 'log-level = debug' grep '^log-level' /etc/epay/epay.conf
inside test -s /var/lib/epay/epay.db || fail "the books are gone"
inside dpkg -P epay >>"$scratch/log" 2>&1
expect '' sh -c 'ls -d /etc/epay /etc/systemd/system/*/epay* /etc/systemd/system/epay* 2>/dev/null || true'
inside test -s /var/lib/epay/epay.db -a -s /var/lib/epay/epay.db.key || fail "the books are gone"
grep -q 'the store and its master key stay in /var/lib/epay' "$scratch/log" || fail "nobody was told"
[[ $before == "$(inside dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' | sort)" ]] || fail "packages changed"
echo "removed and purged"
