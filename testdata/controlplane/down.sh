#!/usr/bin/env bash
# down.sh NAME… | --all: stops clusters that up.sh started, waits until they are gone and removes what they left.
# Stopping a cluster that does not run is no error. Only processes that up.sh wrote down are touched, and only while
# they still are what they were then.
set -euo pipefail
# shellcheck source=testdata/controlplane/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

parts="kwok kube-scheduler kube-controller-manager kube-apiserver etcd"

# pid_of DIR PART: the process id, while that process runs. Every part has a path of its cluster in its arguments, so
# that a number the kernel has given to someone else since is not taken for ours.
pid_of() {
  local pid
  pid=$(cat "$1/$2.pid" 2>/dev/null) || return 1
  [[ $pid =~ ^[0-9]+$ ]] || return 1
  case $(ps -o stat= -o args= -p "$pid" 2>/dev/null) in
    Z*) return 1 ;;
    *"$1/"*) printf '%s\n' "$pid" ;;
    *) return 1 ;;
  esac
}

stop() {
  local dir=$clusters/$1 part pid tries
  [ -d "$dir" ] || return 0
  for part in $parts; do
    # Its data goes too, so there is nothing it would have to write in order first.
    pid=$(pid_of "$dir" "$part") && { kill -KILL "$pid" 2>/dev/null || true; }
  done
  for part in $parts; do
    tries=0
    while pid_of "$dir" "$part" >/dev/null; do
      tries=$((tries + 1))
      [ "$tries" -lt 300 ] || die "$part of $1 does not end"
      sleep 0.05
    done
  done
  rm -rf "$dir"
}

case ${1:-} in
  --is-running) pid_of "$2" "$3" >/dev/null; exit ;; # for up.sh
  --locked) stop "$2"; exit ;;                       # for up.sh, which holds the lock
  --all)
    set --
    for dir in "$clusters"/*/; do
      [ -d "$dir" ] && set -- "$@" "$(basename "$dir")"
    done ;;
  '' | -*) die "usage: down.sh NAME… | --all" ;;
esac
for name in "$@"; do
  [[ $name =~ ^[a-z0-9]([a-z0-9-]*[a-z0-9])?$ ]] || die "not a cluster's name: $name"
  [ -d "$clusters/$name" ] || continue
  lock "$clusters/$name.lock"
  stop "$name"
  rm -f "$clusters/$name.lock"
  say "stopped $name"
done
rmdir "$clusters" 2>/dev/null || true
