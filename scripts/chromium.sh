#!/usr/bin/env bash
# Prints the paths of Chromium and of its driver, as two lines of `NAME=path`, or says what is missing.
set -euo pipefail

find_one() {
  local name=$1
  shift
  [[ -z ${!name:-} ]] || { printf '%s=%s\n' "$name" "${!name}" && return; }
  local candidate
  for candidate in "$@"; do
    candidate=$(command -v "$candidate") && printf '%s=%s\n' "$name" "$candidate" && return
  done
  printf '%s\n' "no $name found among: $*" >&2
  return 1
}

find_one CHROMIUM chromium chromium-browser google-chrome google-chrome-stable
find_one CHROMEDRIVER chromedriver
