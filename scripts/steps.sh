# The steps that ./run, ./test and ./dev are made of. Sourced; the current folder is the project's root.

say() { printf '\n== %s\n' "$*"; }

# Builds the preset $1: everything, or the targets named after it.
build() {
  local preset=$1 targets=()
  shift
  npm_packages
  if (( $# > 0 )); then targets=(--target "$@"); fi
  if [[ ! -e build/$preset/build.ninja || CMakePresets.json -nt build/$preset/build.ninja ]]; then
    cmake --preset "$preset"
  fi
  NINJA_STATUS="[%f/%t %es] " cmake --build --preset "$preset" "${targets[@]}"
}

# The npm packages of package-lock.json, installed when they are not exactly those: what the build needs, or `all`.
npm_packages() {
  local installed=node_modules/.installed-lock
  if cmp -s package-lock.json "$installed-all"; then return; fi
  if [[ ${1:-} == all ]]; then
    npm ci --no-audit --no-fund </dev/null
    cp package-lock.json "$installed-all"
  elif ! cmp -s package-lock.json "$installed"; then
    npm ci --no-audit --no-fund --omit=dev </dev/null
    cp package-lock.json "$installed"
  fi
}

# Unit tests of a preset, through ctest.
unit_tests() {
  local preset=$1
  shift
  ctest --test-dir "build/$preset" --output-on-failure --parallel "$(nproc)" "$@"
}

# The same in one process: under a sanitizer, starting a process costs more than most tests.
unit_tests_in_one_process() {
  local preset=$1
  shift
  ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1} UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1} \
    "build/$preset/epay_unit_tests" --gtest_brief=1 "$@"
}

# The test files of the folder $1, one a line: all, or those whose names contain one of the words after it.
test_files() {
  local folder=$1 found=0 file word
  shift
  for file in "$folder"/*.test.mjs; do
    for word in "${@:-}"; do
      if [[ ${file##*/} == *"$word"* ]]; then printf '%s\n' "$file"; found=1; break; fi
    done
  done
  if (( ! found )); then echo "no test in $folder is called $*" >&2; return 2; fi
}

# The real binary driven from outside. Without arguments all files; otherwise those whose names contain one of them.
e2e_tests() {
  local files
  files=$(test_files tests/e2e "$@") || return
  # Thousands of sockets, on both ends.
  ulimit -n "$(ulimit -Hn)" 2>/dev/null || true
  # Unquoted: one word a file.
  node --test --test-reporter=spec $files </dev/null
}

# The npm packages of the browser tests, which nothing else needs.
browser_packages() {
  local lock=tests/browser/package-lock.json installed=tests/browser/node_modules/.installed-lock
  if cmp -s "$lock" "$installed"; then return; fi
  # Debian's Node installs what only a newer one can run, and would warn of each.
  npm ci --prefix tests/browser --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null
  cp "$lock" "$installed"
}

# The same binary seen through Chromium. Arguments as above. At most two files, and so two Chromiums, at a time.
browser_tests() {
  local files node
  files=$(test_files tests/browser "$@") || return
  browser_packages
  # A newer Node than Debian's is among the packages, for two kinds of processor. On others the system's has to do.
  for node in tests/browser/node_modules/node-linux-*/bin/node node; do
    if command -v "$node" >/dev/null; then break; fi
  done
  "$node" --test --test-concurrency=2 --test-reporter=spec $files </dev/null
}

# Those of them that look at what a store does, whichever it is: not those of files and packages, nor those that start
# PostgreSQL servers themselves.
store_tests() {
  local words=() file
  for file in tests/e2e/*.test.mjs; do
    case ${file##*/} in
      monitoring.* | move.* | restore.* | rotate_key.* | package.* | nginx.* | postgres.* | postgres_restore.* | processes.* | samples.* | docs.* | guide.* | statements.* | upgrade.* | layout.* | growth.* | emulator_*) ;;
      *) words+=("${file##*/}") ;;
    esac
  done
  e2e_tests "${words[@]}"
}

# A step beside a PostgreSQL server of its own, with the stores of its tests there.
on_postgres() {
  node tests/e2e/postgres.mjs bash -euo pipefail -c 'source scripts/steps.sh; "$@"' "$1" "$@" </dev/null
}

# SEEDS [PROCESSES]; without, one process and, for fewer seeds, two.
simulation() {
  build/release/epay sim --seeds "${1:-1..200}" --processes "${2:-1}" || return
  if (( $# == 0 )); then build/release/epay sim --seeds 1..25 --processes 2; fi
}

# The Debian package of what is built. Says where it is.
debian_package() {
  rm -rf build/release/package
  (cd build/release && cpack -G DEB >/dev/null)
  ls build/release/package/*.deb
}
