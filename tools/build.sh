#!/usr/bin/env bash
# Builds pinned tools into .tools/bin with Go: those that are named, else all. What is there in the right version is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/versions.env

declare -A packages=(
  [kustomize]="sigs.k8s.io/kustomize/kustomize/v5@$KUSTOMIZE"
  [kubeconform]="github.com/yannh/kubeconform/cmd/kubeconform@$KUBECONFORM"
  [helm]="helm.sh/helm/v3/cmd/helm@$HELM"
  [dyff]="github.com/homeport/dyff/cmd/dyff@$DYFF"
)
bin="$PWD/.tools/bin"
stamps="$PWD/.tools/stamps"

need_go() {
  command -v go >/dev/null && return
  echo "go is not on PATH: $1 cannot be built. Install Go 1.26 or newer; nothing else in solutio needs it." >&2
  exit 3
}

build() {
  local name="$1" package="${packages[$1]:-}"
  if [ -z "$package" ]; then
    echo "no tool is called $name; there are: ${!packages[*]}" >&2
    exit 2
  fi
  local stamp="$stamps/$name"
  [ -x "$bin/$name" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$package" ] && return
  need_go "$name"
  echo "building $name ${package##*@}"
  mkdir -p "$bin" "$stamps"
  # From the module proxy only, and independent of any module or workspace around this folder.
  GOVCS='*:off' GOWORK=off GOFLAGS=-mod=mod GOBIN="$bin" go install -trimpath "$package"
  echo "$package" >"$stamp"
}

# A real API server, its store and its scheduler, for what is held against their answers. Built from tools/controlplane/go.mod.
build_control_plane() {
  local stamp="$stamps/control-plane"
  [ -x "$bin/kube-apiserver" ] && [ -x "$bin/kube-scheduler" ] && cmp -s tools/controlplane/go.mod "$stamp" && return
  need_go "the control plane"
  echo "building etcd, kube-apiserver and kube-scheduler (minutes)"
  mkdir -p "$bin" "$stamps"
  local version="v$(sed -n 's|^require k8s.io/kubernetes v||p' tools/controlplane/go.mod)"
  (cd tools/controlplane && GOVCS='*:off' GOWORK=off go build -trimpath -o "$bin/etcd" go.etcd.io/etcd/server/v3)
  for name in kube-apiserver kube-scheduler; do
    (cd tools/controlplane && GOVCS='*:off' GOWORK=off go build -trimpath \
      -ldflags "-X k8s.io/component-base/version.gitVersion=$version" -o "$bin/$name" "k8s.io/kubernetes/cmd/$name")
  done
  cp tools/controlplane/go.mod "$stamp"
}

# Another policy engine, which tools/peers.py holds solutio reach against. Built from tools/peer.
build_peer() {
  local stamp="$stamps/peer"
  local source="$(cat tools/peer/go.mod tools/peer/go.sum tools/peer/*.go | sha256sum)"
  [ -x "$bin/peer" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$source" ] && return
  need_go peer
  echo "building peer"
  mkdir -p "$bin" "$stamps"
  (cd tools/peer && GOVCS='*:off' GOWORK=off go build -trimpath -o "$bin/peer" .)
  echo "$source" >"$stamp"
}

[ $# -gt 0 ] || set -- kustomize kubeconform helm dyff
for name in "$@"; do
  case "$name" in
    control-plane) build_control_plane ;;
    peer) build_peer ;;
    *) build "$name" ;;
  esac
done
