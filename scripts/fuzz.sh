#!/usr/bin/env bash
# Runs every fuzz target (fuzz/fuzz_targets/), or those that are named, for so many seconds each; 60 where none are given.
# Prints a line for each, and the path of the input that broke a promise. Needs what scripts/setup.sh needs, and a C++ compiler.
#
#   scripts/fuzz.sh [seconds] [target …]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

CARGO_FUZZ=0.13.2
TOOLS=$PWD/.tools
export PATH=$TOOLS/bin:$PATH

say() { printf 'fuzz: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# Runs a command with its output in a log, which is shown only if it fails.
quietly() {
  local log=$TOOLS/fuzz.log
  mkdir -p "$TOOLS"
  "$@" >"$log" 2>&1 && return
  tail -n 40 "$log" >&2
  return 1
}

seconds=60
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
  seconds=$1
  shift
fi
targets=("$@")
if [[ ${#targets[@]} -eq 0 ]]; then
  for file in fuzz/fuzz_targets/*.rs; do targets+=("$(basename "$file" .rs)"); done
fi
for target in "${targets[@]}"; do
  [[ -f fuzz/fuzz_targets/$target.rs ]] || fail "there is no target $target; usage: scripts/fuzz.sh [seconds] [target …]"
done

if [[ "$(cargo-fuzz --version 2>/dev/null)" != *" $CARGO_FUZZ" ]]; then
  say "compiling cargo-fuzz $CARGO_FUZZ into .tools (takes a minute, once)"
  CARGO_TARGET_DIR=$TOOLS/target quietly cargo install --root "$TOOLS" --force --locked "cargo-fuzz@$CARGO_FUZZ" ||
    fail "cargo could not install cargo-fuzz $CARGO_FUZZ"
  rm -rf "$TOOLS/target"
fi

# No sanitizer: the crate forbids unsafe code, and without one the toolchain of rust-toolchain.toml will do. Overflow checks and
# debug assertions are on.
output=${CARGO_TARGET_DIR:-$PWD/fuzz/target}
quietly cargo fuzz build --sanitizer none --target-dir "$output" || fail "the targets do not build"
host=$(rustc -vV | sed -n 's/^host: //p')

log=$(mktemp)
trap 'rm -f "$log"' EXIT
broken=0
printf '%-12s  %12s  %9s  %8s  %s\n' target runs 'runs/s' coverage result
for target in "${targets[@]}"; do
  mkdir -p "fuzz/corpus/$target" "fuzz/artifacts/$target"
  result=ok
  "$output/$host/release/$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="fuzz/artifacts/$target/" "fuzz/corpus/$target" "fuzz/seeds/$target" >"$log" 2>&1 || result=broken
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  per_second=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
  coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
  if [[ $result == broken ]]; then
    broken=1
    result=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
    result="broken by ${result:-an input that was not written}"
  fi
  printf '%-12s  %12s  %9s  %8s  %s\n' "$target" "${runs:--}" "${per_second:--}" "${coverage:--}" "$result"
  if [[ $result != ok ]]; then
    grep -A 3 'panicked at\|ERROR: libFuzzer' "$log" | head -n 8 >&2 || true
  fi
done
exit "$broken"
