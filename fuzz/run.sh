#!/usr/bin/env bash
# Runs each fuzz target for SECONDS: run.sh SECONDS [TARGET..]
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=$1
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(yaml_load smp kustomization template)

fuzz/seeds.sh
# No sanitizer: there is no unsafe code to watch, and it is many times faster.
cargo +nightly fuzz build --sanitizer none
for target in "${targets[@]}"; do
  words=kustomize
  [ "$target" != template ] || words=template
  cargo +nightly fuzz run --sanitizer none "$target" -- -dict="fuzz/$words.dict" -max_len=8192 \
    -rss_limit_mb=512 -timeout=5 -max_total_time="$seconds" -print_final_stats=1
done
