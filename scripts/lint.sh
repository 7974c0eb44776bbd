#!/usr/bin/env bash
# Everything that is checked without being run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo fmt --check
cargo clippy --all-targets -- -D warnings
cargo fmt --check --manifest-path unpack/Cargo.toml
cargo clippy --manifest-path unpack/Cargo.toml --target-dir target/unpack --target wasm32-unknown-unknown -- -D warnings
cargo clippy --all-targets --target wasm32-unknown-unknown -- -D warnings
tests/node_modules/.bin/tsc -p pkg-template
tests/node_modules/.bin/tsc -p pkg-template/simulator
