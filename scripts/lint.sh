#!/usr/bin/env bash
# Everything that is checked without being run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo fmt --check
cargo clippy --all-targets -- -D warnings
cargo fmt --check --manifest-path unpack/Cargo.toml
cargo clippy --manifest-path unpack/Cargo.toml --target-dir target/unpack --target wasm32-unknown-unknown -- -D warnings
# The fuzz targets, without libFuzzer: they are run by hand (make fuzz), and follow the core all the same.
cargo fmt --check --manifest-path fuzz/Cargo.toml
cargo check --quiet --locked --bins --no-default-features --manifest-path fuzz/Cargo.toml --target-dir target/fuzz
node scripts/wasm-test-hosts.mjs
cargo clippy --all-targets --target wasm32-unknown-unknown -- -D warnings
tests/node_modules/.bin/tsc -p pkg-template
tests/node_modules/.bin/tsc -p pkg-template/simulator
