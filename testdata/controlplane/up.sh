#!/usr/bin/env bash
# up.sh NAME [full|bare]: starts a cluster on free ports of 127.0.0.1 and prints the path of its kubeconfig, whose
# context is NAME. `full` (the default) has controllers, a scheduler and a fake node, so that workloads become ready;
# `bare` is an API server alone. A cluster that already runs is left as it is. With CONTROLPLANE_AUDIT=1 the API server
# writes audit.log beside the kubeconfig.
set -euo pipefail
# shellcheck source=testdata/controlplane/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

name=${1:-} mode=${2:-full}
[[ $name =~ ^[a-z0-9]([a-z0-9-]*[a-z0-9])?$ ]] || die "usage: up.sh NAME [full|bare], with a name of lower case letters and digits"
[[ $mode = full || $mode = bare ]] || die "unknown mode $mode: full or bare"
for need in etcd kube-apiserver kubectl; do
  [ -x "$(program "$need")" ] || die "$need is not built: run $here/build.sh"
done

dir=$clusters/$name
mkdir -p -m 700 "$clusters"
[ -O "$clusters" ] || die "$clusters belongs to someone else: set CONTROLPLANE_CLUSTERS"
lock "$clusters/$name.lock"

kubectl() { "$(program kubectl)" --kubeconfig "$dir/kubeconfig" --cache-dir "$dir/cache" --request-timeout 5s "$@"; }

is_running() {
  local part parts=(etcd kube-apiserver)
  [ "$mode" = full ] && parts+=(kube-controller-manager kube-scheduler kwok)
  for part in "${parts[@]}"; do
    "$here/down.sh" --is-running "$dir" "$part" || return 1
  done
  kubectl get --raw /readyz >/dev/null 2>&1
}

# A port below the range that the kernel gives to clients, and that nobody listens on.
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { printf '%s\n' "$port"; return; }
  done
}

# issue NAME SUBJECT EXTENSIONS: a key and a certificate of this cluster's authority. An extension makes it X.509 v3,
# and many clients refuse older ones.
issue() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
  openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
  printf '%s\n' "$3" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -extfile "$1.ext" -out "$1.crt"
  rm "$1.csr" "$1.ext"
}

make_certificates() {
  openssl ecparam -name prime256v1 -genkey -noout -out ca.key
  openssl req -x509 -new -key ca.key -subj "/CN=$name" -days 3650 -out ca.crt
  issue tls /CN=kube-apiserver "extendedKeyUsage=serverAuth
subjectAltName=IP:127.0.0.1,IP:10.0.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc"
  issue admin /O=system:masters/CN=admin extendedKeyUsage=clientAuth
  openssl ecparam -name prime256v1 -genkey -noout -out sa.key
  openssl ec -in sa.key -pubout -out sa.pub
}

write_kubeconfig() {
  data() { openssl base64 -A -in "$1"; }
  cat >kubeconfig <<YAML
apiVersion: v1
kind: Config
current-context: $name
contexts:
- name: $name
  context: {cluster: $name, user: $name}
clusters:
- name: $name
  cluster: {server: "https://127.0.0.1:$1", certificate-authority-data: $(data ca.crt)}
users:
- name: $name
  user: {client-certificate-data: $(data admin.crt), client-key-data: $(data admin.key)}
YAML
}

# start PROGRAM ARGS…: in a process group of its own, so that Ctrl-C ends the script and not half a cluster.
start() {
  local part=$1
  shift
  set -m
  nohup "$(program "$part")" "$@" >>"$part.log" 2>&1 </dev/null 8>&- 9>&- &
  set +m
  printf '%s\n' $! >"$part.pid"
  disown
}

start_api_server() {
  local etcd_port=$1 port=$2 more=()
  start etcd --data-dir="$dir/etcd" --unsafe-no-fsync --listen-peer-urls=http://127.0.0.1:0 \
    --listen-client-urls="http://127.0.0.1:$etcd_port" --advertise-client-urls="http://127.0.0.1:$etcd_port"
  [ "$mode" = bare ] && more+=(--disable-admission-plugins=ServiceAccount) # nobody makes service accounts there
  if [ -n "${CONTROLPLANE_AUDIT:-}" ]; then
    printf '%s\n' 'apiVersion: audit.k8s.io/v1' 'kind: Policy' 'omitStages: [RequestReceived]' 'rules:' \
      '- {level: None, nonResourceURLs: ["/readyz*", "/livez*"]}' \
      '- {level: Request, verbs: [create, update, patch, delete, deletecollection]}' '- {level: Metadata}' >audit-policy.yaml
    more+=(--audit-policy-file="$dir/audit-policy.yaml" --audit-log-path="$dir/audit.log" --audit-log-mode=blocking)
  fi
  start kube-apiserver --etcd-servers="http://127.0.0.1:$etcd_port" --bind-address=127.0.0.1 \
    --advertise-address=127.0.0.1 --secure-port="$port" --cert-dir="$dir" --tls-cert-file="$dir/tls.crt" \
    --tls-private-key-file="$dir/tls.key" --client-ca-file="$dir/ca.crt" --authorization-mode=RBAC \
    --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$dir/sa.pub" \
    --service-account-signing-key-file="$dir/sa.key" --service-cluster-ip-range=10.0.0.0/16 --allow-privileged \
    ${more[@]+"${more[@]}"}
}

# Waits for the API server; 1 when it has ended, for instance because its port was taken meanwhile.
wait_ready() {
  local limit=$((SECONDS + 90))
  until kubectl get --raw /readyz >/dev/null 2>&1; do
    "$here/down.sh" --is-running "$dir" kube-apiserver && "$here/down.sh" --is-running "$dir" etcd || return 1
    [ "$SECONDS" -lt "$limit" ] || die "$name is not ready after 90 s: see $dir/kube-apiserver.log"
    sleep 0.1
  done
}

start_controllers() {
  local stage stages=()
  for stage in "$home"/stages/*.yaml; do stages+=(--config="$stage"); done
  # A loaded machine may delay the fake node's heartbeat; its pods must not become unready for that.
  start kube-controller-manager --kubeconfig="$dir/kubeconfig" --leader-elect=false --secure-port=0 \
    --controllers='*,-nodeipam,-node-route-controller,-service-lb-controller' \
    --node-monitor-grace-period=24h \
    --service-account-private-key-file="$dir/sa.key" --root-ca-file="$dir/ca.crt"
  start kube-scheduler --kubeconfig="$dir/kubeconfig" --leader-elect=false --secure-port=0
  start kwok --kubeconfig="$dir/kubeconfig" --manage-all-nodes=true "${stages[@]}"
  kubectl apply --server-side -f - >/dev/null <<'YAML'
apiVersion: v1
kind: Node
metadata:
  name: node-0
  annotations: {kwok.x-k8s.io/node: fake}
YAML
  kubectl patch node node-0 --subresource=status --patch \
    '{"status": {"capacity": {"cpu": "1000", "memory": "1000Gi", "pods": "10000"}, "allocatable": {"cpu": "1000", "memory": "1000Gi", "pods": "10000"}}}' >/dev/null
  kubectl wait --request-timeout=0 --for=condition=Ready node/node-0 --timeout=60s >/dev/null
  kubectl wait --request-timeout=0 --for=create serviceaccount/default --timeout=60s >/dev/null
}

if is_running; then
  printf '%s\n' "$dir/kubeconfig"
  exit 0
fi
began=$SECONDS
say "starting $name …"
for attempt in 1 2 3 4 5; do
  "$here/down.sh" --locked "$name"
  mkdir -p -m 700 "$dir"
  cd "$dir"
  make_certificates 2>openssl.log || die "openssl failed: see $dir/openssl.log"
  port=$(free_port)
  write_kubeconfig "$port"
  chmod 600 kubeconfig ./*.key
  start_api_server "$(free_port)" "$port"
  wait_ready && break
  [ "$attempt" -lt 5 ] || die "$name does not start: see $dir/kube-apiserver.log and $dir/etcd.log"
  say "$name did not start; trying other ports"
done
[ "$mode" = full ] && start_controllers
say "$name is ready after $((SECONDS - began)) s"
printf '%s\n' "$dir/kubeconfig"
