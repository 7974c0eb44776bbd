#!/usr/bin/env bash
# The WebAssembly tests (tests/wasm*.rs) through wasm-pack: in Node, and in headless Chromium.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH=$PWD/.tools/bin:$PATH
eval "$(scripts/chromium.sh)"

# Root needs --no-sandbox; the rest keeps Chromium from asking the network for things of its own.
mkdir -p target
export WASM_BINDGEN_TEST_WEBDRIVER_JSON=$PWD/target/webdriver.json
cat >"$WASM_BINDGEN_TEST_WEBDRIVER_JSON" <<JSON
{
  "goog:chromeOptions": {
    "binary": "$CHROMIUM",
    "args": [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync"
    ]
  }
}
JSON

node scripts/wasm-test-hosts.mjs

wasm_pack() { wasm-pack --log-level error test --mode no-install "$@" -- --test 'wasm*'; }

wasm_pack --node
wasm_pack --headless --chrome --chromedriver "$CHROMEDRIVER"
