#!/usr/bin/env bash
# demo.sh play | up | down: three real clusters (dev, staging, prod) on this machine and a repository that says what
# should run in them. `play` walks through pushboat, checks every exit code and stops everything again; `up` leaves
# clusters and repository to you; `down` stops those.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
planes=$root/testdata/controlplane
state=${DEMO_DIR:-${TMPDIR:-/tmp}/pushboat-demo-$(id -u)}
export CONTROLPLANE_CLUSTERS
# Nothing of the user's may show through: a cluster that was added under the name `dev` is not the demo's.
unset ${!PUSHBOAT_@}

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi
say() { printf '\n%s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# run CODE COMMAND…: shows the command, runs it and insists on its exit code.
run() {
  local expected=$1 code=0
  shift
  printf '\n%s$ %s%s\n' "$bold" "$(shown "$@")" "$plain"
  "$@" </dev/null || code=$?
  [ "$code" -eq "$expected" ] && return
  die "\`$(shown "$@")\` ended with exit code $code, expected $expected"
}

# shown COMMAND…: as one would type it.
shown() {
  local word line=
  for word in "$@"; do
    [[ $word =~ ^[A-Za-z0-9_./:=,@%+-]+$ ]] || word="'$word'"
    line+="${line:+ }$word"
  done
  printf '%s' "$line"
}

build() {
  echo "building pushboat"
  (cd "$root" && cargo build --profile demo)
  local target=${CARGO_TARGET_DIR:-$root/target}
  [[ $target = /* ]] || target=$root/$target
  PATH=$target/demo:$("$planes/bin.sh"):$PATH
}

# A control plane each, started at the same time; then one kubeconfig with three contexts.
start_clusters() {
  local name jobs=() configs=() job
  mkdir -p -m 700 "$1"
  for name in dev staging prod; do
    "$planes/up.sh" "$name" full >/dev/null &
    jobs+=($!)
    configs+=("$CONTROLPLANE_CLUSTERS/$name/kubeconfig")
  done
  for job in "${jobs[@]}"; do wait "$job" || die "a cluster did not start"; done
  (IFS=: && KUBECONFIG="${configs[*]}" kubectl config view --flatten >"$1/kubeconfig.new")
  chmod 600 "$1/kubeconfig.new"
  mv "$1/kubeconfig.new" "$1/kubeconfig"
  export KUBECONFIG=$1/kubeconfig
}

# A git repository of its own, with a remote that is only a name: nothing is ever fetched or pushed.
make_repository() {
  [ -d "$1/.git" ] && return
  mkdir -p "$1"
  cp -R "$root/testdata/repos/sample/." "$1"
  git -C "$1" init --quiet --initial-branch=main
  git -C "$1" config user.name "Demo" && git -C "$1" config user.email demo@example.com
  git -C "$1" config commit.gpgsign false
  git -C "$1" remote add origin https://git.example.com/shop/gitops.git
  git -C "$1" add --all
  git -C "$1" commit --quiet --message "shop and monitoring"
}

# image NAMESPACE DEPLOYMENT: what really runs, asked with kubectl.
image() { kubectl --context dev -n "$1" get deployment "$2" -o jsonpath='{.spec.template.spec.containers[0].image}'; }

expect_image() {
  local found
  found=$(image shop dev-web)
  [[ $found = *:"$1" ]] || die "dev-web runs $found, expected the tag $1"
  echo "kubectl agrees: dev-web runs $found"
}

tour() {
  say "Three clusters and one repository. Nothing is installed in any of them."
  run 0 pushboat cluster list
  run 0 pushboat app list
  say "What would change? Everything is missing, so the answer is exit code 1."
  run 1 pushboat app diff --all
  say "Push it all, and wait until it is healthy."
  run 0 pushboat app sync --all --yes --wait
  run 0 pushboat app diff --all
  run 0 pushboat app list

  say "Somebody changes production's little brother by hand."
  run 0 kubectl --context dev -n shop scale deployment dev-web --replicas=5
  run 0 kubectl --context dev -n shop set env deployment/dev-web FEATURES=none --field-manager=kubectl-edit
  say "Which fields, and who was it?"
  run 1 pushboat app diff dev/shop
  say "Put it back."
  run 0 pushboat app sync dev/shop --yes --wait
  run 0 pushboat app diff --all

  say "A release: a new image, as a commit."
  run 0 sed -i.bak 's/1.2.0-rc.1/1.2.0/' apps/overlays/dev/kustomization.yaml
  rm -f apps/overlays/dev/kustomization.yaml.bak
  run 0 git commit --quiet --all --message 'dev: web 1.2.0'
  run 1 pushboat app diff dev/shop
  run 0 pushboat app sync dev/shop --yes --wait
  expect_image 1.2.0
  run 0 pushboat app history dev/shop
  say "It was not a good release. Back to what ran before, exactly as it was, without git."
  run 0 pushboat app rollback dev/shop --yes --wait
  expect_image 1.2.0-rc.1
  run 0 pushboat app history dev/shop
}

make_state() {
  mkdir -p "$state"
  [ -O "$state" ] || die "$state belongs to someone else: set DEMO_DIR"
  chmod 700 "$state"
}

prepare() {
  CONTROLPLANE_CLUSTERS=$1/clusters
  export PUSHBOAT_CONFIG_DIR=$1/config PUSHBOAT_CACHE_DIR=$1/cache
  build
  start_clusters "$1"
  make_repository "$1/gitops"
  cd "$1/gitops"
}

stop() {
  cd /
  wait # a cluster that is just starting could not be found yet
  CONTROLPLANE_CLUSTERS=$1/clusters "$planes/down.sh" --all
  rm -rf "$1"
}

play() {
  make_state
  if command -v flock >/dev/null; then
    exec 8>"$state/lock"
    flock --nonblock 8 || die "the demo is already running"
  fi
  stop "$state/play" # of a run that was killed
  trap 'stop "$state/play"' EXIT
  trap 'exit 130' INT TERM
  prepare "$state/play"
  SECONDS=0
  tour
  say "That was all, in $SECONDS s on clusters that were ready. To have the clusters to yourself: make demo-up"
}

case ${1:-} in
  play) play ;;
  up)
    make_state
    prepare "$state/kept"
    cat <<TEXT

Three empty clusters are running, and a repository says what should run in them:

  export KUBECONFIG=$KUBECONFIG
  export PUSHBOAT_CONFIG_DIR=$PUSHBOAT_CONFIG_DIR PUSHBOAT_CACHE_DIR=$PUSHBOAT_CACHE_DIR
  export PATH=$(dirname "$(type -P pushboat)"):$("$planes/bin.sh"):\$PATH
  cd $PWD

Try:

  pushboat app diff --all                what would change
  pushboat app sync --all --yes --wait   push it, and wait until it is healthy
  kubectl --context prod -n shop scale deployment prod-web --replicas=9
  pushboat app diff prod/shop            what was that, and who did it
  pushboat app tree prod/shop            what runs because of it

Stop and remove everything: make demo-down
TEXT
    ;;
  down) stop "$state/kept" ;;
  *) die "usage: demo.sh play | up | down" ;;
esac
