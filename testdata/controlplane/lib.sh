# shellcheck shell=bash
# What the scripts of this folder share: where things are, and how to wait for a lock. Sourced, never run.
#
#   CONTROLPLANE_HOME      the folder of the built programs; under ~/.cache when not set
#   CONTROLPLANE_CLUSTERS  the folder of running clusters; under /tmp when not set
#   KUBEBUILDER_ASSETS     a folder with etcd, kube-apiserver and kubectl that come first

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${CONTROLPLANE_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/pushboat/controlplane}
bin=$home/bin
clusters=${CONTROLPLANE_CLUSTERS:-${TMPDIR:-/tmp}/pushboat-clusters-$(id -u)}

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# program NAME: the path of a program; the three of an envtest folder come first.
program() {
  case $1 in etcd | kube-apiserver | kubectl)
    if [ -x "${KUBEBUILDER_ASSETS:-/nonexistent}/$1" ]; then
      printf '%s\n' "$KUBEBUILDER_ASSETS/$1"
      return
    fi ;;
  esac
  printf '%s\n' "$bin/$1"
}

# lock FILE: holds FILE until this script ends; waits for whoever has it. What is started later must not inherit
# descriptor 9, or it would keep the lock (8 is a caller's).
lock() {
  command -v flock >/dev/null || return 0 # not everywhere; then two at once are the caller's care
  exec 9>"$1"
  flock --nonblock 9 || { say "waiting for another run to finish"; flock 9; }
}
