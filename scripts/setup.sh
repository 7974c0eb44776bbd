#!/usr/bin/env bash
# Installs what this machine lacks for building, testing (`test`), running the matrix (`matrix`) and measuring (`bench`): at
# pinned versions, once, and where that is possible into ignored folders of the repository. Needs rustup or a Rust toolchain
# with the wasm32 target, Node 20 or newer, and the registries that cargo, npm and apt-get are set up for; nothing else of the
# network.
#
#   scripts/setup.sh build|test|matrix|bench
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

WASM_PACK=0.15.1
# The command and the crate have to be of one version, so the crate's is the only place where it stands.
WASM_BINDGEN=$(sed -n 's/^wasm-bindgen = .*"=\([0-9.]*\)".*/\1/p' Cargo.toml)
TARGET=wasm32-unknown-unknown
TOOLS=$PWD/.tools
export PATH=$TOOLS/bin:$PATH

say() { printf 'setup: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# Runs a command with its output in a log, which is shown only if it fails.
quietly() {
  local log=$TOOLS/setup.log
  mkdir -p "$TOOLS"
  "$@" >"$log" 2>&1 && return
  tail -n 40 "$log" >&2
  return 1
}

has_version() { [[ "$("$1" --version 2>/dev/null)" == *" $2"* ]]; }

rust_target() {
  command -v cargo >/dev/null || fail "Rust is missing: install rustup and run this again"
  local rustc
  rustc=$(rustc --print sysroot 2>/dev/null) ||
    quietly rustup toolchain install || # with the version of rust-toolchain.toml
    fail "the Rust toolchain of rust-toolchain.toml is missing, and rustup could not install it"
  rustc=${rustc:-$(rustc --print sysroot)}
  [[ -d $rustc/lib/rustlib/$TARGET/lib ]] && return
  command -v rustup >/dev/null || fail "this Rust lacks the target $TARGET, and there is no rustup to add it"
  say "adding the Rust target $TARGET"
  quietly rustup target add "$TARGET" || fail "rustup could not add $TARGET"
}

# Installs a crate's commands into .tools. These run for seconds in their life: that they compile fast matters more than that
# they run fast.
cargo_tool() {
  local crate=$1 version=$2
  say "compiling $crate $version into .tools (takes minutes, once)"
  local -x CARGO_TARGET_DIR=$TOOLS/target CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off
  local -x CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=0
  # Where a mirror lags behind, the crate's own lock file may name what it does not have yet.
  quietly cargo install --root "$TOOLS" --force --locked "$crate@$version" 2>/dev/null ||
    quietly cargo install --root "$TOOLS" --force "$crate@$version" ||
    fail "cargo could not install $crate $version"
}

wasm_tools() {
  local compiled=
  has_version wasm-bindgen "$WASM_BINDGEN" && has_version wasm-bindgen-test-runner "$WASM_BINDGEN" ||
    { cargo_tool wasm-bindgen-cli "$WASM_BINDGEN" && compiled=yes; }
  has_version wasm-pack "$WASM_PACK" || { cargo_tool wasm-pack "$WASM_PACK" && compiled=yes; }
  [[ -z $compiled ]] || rm -rf "$TOOLS/target"
}

# What a package-lock.json names, into the node_modules beside it.
npm_packages() {
  local folder=$1
  cmp -s "$folder/package-lock.json" "$folder/node_modules/.installed" && return
  command -v npm >/dev/null || fail "npm is missing: install Node 20 or newer"
  say "installing the npm packages of $folder/"
  (cd "$folder" && quietly npm ci --ignore-scripts) || fail "npm could not install the packages of $folder/"
  cp "$folder/package-lock.json" "$folder/node_modules/.installed"
}

# Debian's packages.
debian() {
  command -v apt-get >/dev/null || fail "missing, and there is no apt-get to install them: $*"
  local root=()
  [[ $EUID -eq 0 ]] || root=(sudo)
  [[ $EUID -eq 0 ]] || command -v sudo >/dev/null || fail "to install $*, run this as root or install sudo"
  say "installing Debian's $*"
  quietly "${root[@]}" apt-get update || true # an old list may do
  DEBIAN_FRONTEND=noninteractive quietly "${root[@]}" apt-get install -y --no-install-recommends "$@" ||
    fail "apt-get could not install $*"
}

# The path of the browser may also come in $CHROMIUM, of its driver in $CHROMEDRIVER.
chromium() {
  scripts/chromium.sh >/dev/null 2>&1 && return
  debian chromium chromium-driver
  scripts/chromium.sh >/dev/null
}

# Its path may also come in $FIREFOX. (Not `command -v firefox`: that finds this very function.)
firefox() {
  [[ -n ${FIREFOX:-} ]] || type -P firefox-esr >/dev/null || type -P firefox >/dev/null || debian firefox-esr
}

# WebKit, the engine of Safari, and a screen for it: it has no headless mode.
webkit() {
  command -v WebKitWebDriver >/dev/null && command -v Xvfb >/dev/null || debian webkit2gtk-driver xvfb
}

# Redis, for the test of examples/bullmq.
redis() {
  command -v redis-server >/dev/null || debian redis-server
}

case "${1:-}" in
  build) ;;
  test) chromium && redis ;;
  matrix) chromium && redis && firefox && webkit ;;
  bench) chromium ;;
  *) fail "usage: scripts/setup.sh build|test|matrix|bench" ;;
esac
rust_target
wasm_tools
npm_packages scripts
[[ $1 == build ]] || npm_packages tests
[[ $1 != bench ]] || npm_packages bench
