#!/usr/bin/env bash
# build.sh: puts the programs of a real control plane, and the peers that tests compare with, into a cache outside
# target/. About ten minutes the first time, nothing afterwards. Needs Rust, a C compiler, Go, git and openssl.
set -euo pipefail
# shellcheck source=testdata/controlplane/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

kubernetes=$(sed -n 's/^\tk8s.io\/kubernetes \(v[0-9.]*\)$/\1/p' "$here/go.mod")
etcd=$(sed -n 's/^\tgo.etcd.io\/etcd\/server\/v3 \(v[0-9.]*\)$/\1/p' "$here/go.mod")
kwok=v0.8.0

# Name, package, module and version, and how the build is resolved: by go.mod beside this script, or by the module's own.
programs="\
etcd go.etcd.io/etcd/server/v3 go.etcd.io/etcd/server/v3 $etcd here
kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes $kubernetes here
kubectl k8s.io/kubernetes/cmd/kubectl k8s.io/kubernetes $kubernetes here
kube-controller-manager k8s.io/kubernetes/cmd/kube-controller-manager k8s.io/kubernetes $kubernetes here
kube-scheduler k8s.io/kubernetes/cmd/kube-scheduler k8s.io/kubernetes $kubernetes here
kwok sigs.k8s.io/kwok/cmd/kwok sigs.k8s.io/kwok $kwok own
kustomize sigs.k8s.io/kustomize/kustomize/v5 sigs.k8s.io/kustomize/kustomize/v5 v5.8.2 own
helm helm.sh/helm/v4/cmd/helm helm.sh/helm/v4 v4.3.1 own
registry github.com/distribution/distribution/v3/cmd/registry github.com/distribution/distribution/v3 v3.1.2 own"

# What a complete cache was made from; a new version makes another text.
stamp="$programs
$(cksum "$here/go.mod" "$here/go.sum" | cut -d' ' -f1 | tr '\n' ' ')"

is_complete() {
  local name rest
  [ -f "$home/stamp" ] && [ "$(<"$home/stamp")" = "$stamp" ] && [ -f "$home/stages/pod-ready.yaml" ] || return 1
  while read -r name rest; do
    [ -x "$(program "$name")" ] || return 1
  done <<<"$programs"
}

# at_least WANTED FOUND: compares major and minor.
at_least() {
  local wanted_major=${1%%.*} wanted_minor=${1#*.} found_major=${2%%.*} rest=${2#*.}
  [ "$found_major" -gt "$wanted_major" ] 2>/dev/null && return
  [ "$found_major" -eq "$wanted_major" ] 2>/dev/null && [ "${rest%%.*}" -ge "$wanted_minor" ] 2>/dev/null
}

check_machine() {
  local missing=() version
  version=$(rustc --version 2>/dev/null | cut -d' ' -f2 || true)
  at_least 1.95 "$version" || missing+=("Rust 1.95 or newer, with cargo (https://rustup.rs)${version:+: this is $version}")
  version=$(go env GOVERSION 2>/dev/null | sed 's/^go//' || true)
  at_least 1.26 "$version" || missing+=("Go 1.26 or newer (https://go.dev/dl)${version:+: this is $version}")
  command -v cc >/dev/null || missing+=("a C compiler, as \`cc\`")
  command -v git >/dev/null || missing+=("git")
  command -v openssl >/dev/null || missing+=("openssl")
  [ ${#missing[@]} -eq 0 ] && return
  say "error: this machine lacks what the build needs:"
  for version in "${missing[@]}"; do say "  - $version"; done
  exit 2
}

# is_current NAME MODULE VERSION: whether the cache holds this version, whoever put it there.
is_current() {
  local made
  made=$([ -x "$bin/$1" ] && go version -m "$bin/$1" 2>/dev/null) || return 1
  [[ $made == *$'\t'"$2"$'\t'"$3"* ]]
}

# build NAME PACKAGE VERSION here|own: the finished program appears under its name at once, or not at all.
build() {
  local start=$SECONDS fresh
  fresh=$(mktemp -d "$home/build.XXXXXX")
  say "building $1 ${3#v} …"
  case $4 in
    here) (cd "$here" && go build -trimpath -ldflags '-s -w' -o "$fresh/$1" "$2") ;;
    own) (cd "$fresh" && GOBIN=$fresh go install -trimpath -ldflags '-s -w' "$2@$3") ;;
  esac || { rm -rf "$fresh"; die "failed to build $1 (see above; is the Go module proxy reachable?)"; }
  [ -x "$fresh/$1" ] || mv "$fresh"/* "$fresh/$1" # a module's version may be the last part of its path
  mv -f "$fresh/$1" "$bin/$1"
  rm -rf "$fresh"
  say "built $1 in $((SECONDS - start)) s"
}

# kwok's stages say how fake nodes and pods come to life; they stand in its module, which the Go cache may drop.
copy_stages() {
  local module fresh=$home/stages.new
  module=$(cd "$here" && GOFLAGS=-mod=mod go mod download -json "sigs.k8s.io/kwok@$kwok" | sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p')
  [ -d "$module" ] || die "failed to find kwok's module in the Go module cache"
  rm -rf "$fresh" && mkdir "$fresh"
  cp "$module"/kustomize/stage/node/fast/node-*.yaml "$module"/kustomize/stage/pod/fast/pod-*.yaml "$fresh"
  chmod u+w "$fresh"/*
  rm -rf "$home/stages" && mv "$fresh" "$home/stages"
}

is_complete && exit 0
check_machine
export CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS= GOWORK=off
mkdir -p "$bin"
lock "$home/lock"
is_complete && exit 0 # another run has just done it
say "preparing the control plane in $home (once; about ten minutes when nothing is there yet)"
while read -r name package module version how; do
  if [ "$(program "$name")" = "$bin/$name" ] && ! is_current "$name" "$module" "$version"; then
    build "$name" "$package" "$version" "$how" </dev/null
  fi
done <<<"$programs"
copy_stages
printf '%s' "$stamp" >"$home/stamp"
say "the control plane is ready"
