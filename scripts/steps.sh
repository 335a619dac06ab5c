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

# The real binary driven from outside. Without arguments all files; otherwise those whose names contain one of them.
e2e_tests() {
  local files=(tests/e2e/*.test.mjs) chosen=() file word
  if (( $# > 0 )); then
    for file in "${files[@]}"; do
      for word in "$@"; do
        if [[ $file == *"$word"* ]]; then chosen+=("$file"); break; fi
      done
    done
    if (( ${#chosen[@]} == 0 )); then echo "no end-to-end test is called $*" >&2; return 2; fi
    files=("${chosen[@]}")
  fi
  # Thousands of sockets, on both ends.
  ulimit -n "$(ulimit -Hn)" 2>/dev/null || true
  node --test --test-reporter=spec "${files[@]}" </dev/null
}

simulation() {
  build/release/epay sim --seeds "${1:-1..200}"
}
