#!/usr/bin/env bash
# Fills fuzz/corpus with small inputs: those of fuzz/seeds, and the files of the example repositories.
set -euo pipefail
cd "$(dirname "$0")"

mkdir -p corpus/{yaml_load,smp,kustomization,template}
cp seeds/yaml_load/* seeds/smp/* seeds/template/* corpus/yaml_load/
cp seeds/smp/* corpus/smp/
cp seeds/template/* corpus/template/
# A line of four equals signs stands for the zero byte between files.
for seed in seeds/kustomization/*; do
  perl -0pe 's/^====\n/\0/mg' "$seed" >"corpus/kustomization/${seed##*/}"
  cp "$seed" "corpus/yaml_load/kustomization-${seed##*/}"
done
find ../testdata/repos ../examples -type f -size -8k \( -name '*.yaml' -o -name '*.tera' \) | while read -r file; do
  name=$(tr -c 'a-z0-9\n' - <<<"${file#../}")
  case $file in
    *.tera) cp "$file" "corpus/template/$name" ;;
    *) cp "$file" "corpus/yaml_load/$name" ;;
  esac
done
