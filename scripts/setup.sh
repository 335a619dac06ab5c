#!/usr/bin/env bash
# Installs what Epay needs on Debian 12, and nothing when it is all there (a check of a few milliseconds).
#
#   scripts/setup.sh build          compiler, build tools and libraries
#   scripts/setup.sh test           what the tests need besides
#   scripts/setup.sh browser        what the browser tests need besides: Chromium, and the fonts of tests/browser/fonts.conf
#   scripts/setup.sh format lint    clang-format; clang-tidy
#
# Asks nothing. Uses sudo when not root. On another system it names what is missing and goes on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# package=command: there when the command is, wherever it came from. A bare name is looked up among Debian's packages.
build=(clang-19=clang++-19 lld-19=ld.lld-19 cmake=cmake ninja-build=ninja ccache=ccache pkg-config=pkg-config
  libclang-rt-19-dev libboost1.81-dev libboost-json1.81-dev libboost-context1.81-dev libssl-dev libsodium-dev
  libsqlite3-dev libpq-dev libcurl4-openssl-dev libspdlog-dev libcli11-dev prometheus-cpp-dev libgtest-dev
  zlib1g-dev libicu-dev libkainjow-mustache-dev nodejs=node npm=npm
  libpng-dev libturbojpeg0-dev libwebp-dev libgif-dev libqrencode-dev)
test=(libgmock-dev php-cli=php python3=python3 curl=curl sqlite3=sqlite3 openssl=openssl ca-certificates
  postgresql=/usr/lib/postgresql/15/bin/initdb librsvg2-bin=rsvg-convert zbar-tools=zbarimg nginx-light=/usr/sbin/nginx
  dpkg-dev=dpkg-shlibdeps file=file)
browser=(chromium=chromium fonts-roboto-unhinted fonts-dejavu-core fonts-noto-color-emoji)
format=(clang-format-19=clang-format-19)
lint=(clang-tidy-19=clang-tidy-19)

say() { printf 'setup: %s\n' "$*"; }

# The packages of the sets $@ that are not installed.
missing_packages() {
  local set entry package installed=" "
  if command -v dpkg-query >/dev/null; then
    installed+="$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' 2>/dev/null | awk '$2 == "installed" {printf "%s ", $1}')"
  fi
  for set in "$@"; do
    local -n entries=$set
    for entry in "${entries[@]}"; do
      package=${entry%%=*}
      if [[ $entry == *=* ]] && command -v "${entry#*=}" >/dev/null; then continue; fi
      [[ $installed == *" $package "* ]] || printf '%s\n' "$package"
    done
  done
}

# Keeps apt-get's words in the log $1 and shows how far it is: every package is unpacked, then set up.
show_progress() {
  local line total=0 steps=0 shown=0 percent
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$1"
    case $line in
      *' newly installed, '*) [[ $line =~ ^([0-9]+)\ upgraded,\ ([0-9]+)\ newly ]] && total=$((BASH_REMATCH[1] + BASH_REMATCH[2])) ;;
      'Fetched '*) say "  downloaded: ${line#Fetched }; unpacking $total packages with what they need" ;;
      'Unpacking '* | 'Setting up '*) steps=$((steps + 1)) ;;
    esac
    percent=$((total > 0 ? 100 * steps / (2 * total) : 0))
    if (( percent >= shown + 20 )); then
      shown=$((percent - percent % 20))
      say "  $shown %"
    fi
  done
}

apt() {  # apt-get, with root's rights
  local as_root=()
  if [[ $EUID != 0 ]]; then as_root=(sudo); fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
    -o Acquire::Languages=none -o Dpkg::Options::=--force-unsafe-io -o Dpkg::Use-Pty=0 "$@" </dev/null 2>&1
}

install_packages() {
  local log=build/setup.log
  mkdir -p build
  : >"$log"
  if ! command -v apt-get >/dev/null; then
    say "this is not a Debian; on Debian 12 these packages would be installed now: $*"
    return 0
  fi
  if [[ $EUID != 0 ]] && ! command -v sudo >/dev/null; then
    say "these packages are missing, and installing them takes root's rights (or sudo). As root, run:"
    say "  apt-get update && apt-get install --no-install-recommends $*"
    exit 1
  fi
  say "installing $# packages: $*"
  say "  reading the package lists (details in $log)"
  if ! { apt update >>"$log" && apt install -y --no-install-recommends "$@" | show_progress "$log"; }; then
    say "apt-get failed; the end of $log:"
    tail -n 20 "$log" >&2
    exit 1
  fi
  say "  done in $SECONDS s"
}

check_node() {
  local version
  version=$(node --version 2>/dev/null) || return 0
  version=${version#v}
  if (( ${version%%.*} < 18 )); then
    say "Node $version is too old: the pages are bundled with 18 (Debian 12's) or newer"
    exit 1
  fi
}

for set in "$@"; do
  [[ " build test browser format lint " == *" $set "* ]] || { echo "usage: scripts/setup.sh build|test|browser|format|lint …" >&2; exit 2; }
done
mapfile -t wanted < <(missing_packages "$@")
if (( ${#wanted[@]} > 0 )); then install_packages "${wanted[@]}"; fi
if [[ " $* " == *" build "* || " $* " == *" test "* ]]; then check_node; fi
