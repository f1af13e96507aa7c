#!/usr/bin/env bash
# Builds the pinned tools into .tools/bin with Go; what is there in the right version is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/versions.env
if ! command -v go >/dev/null; then
  echo "go is not on PATH: the tools for 'make conformance' cannot be built" >&2
  exit 3
fi
bin="$PWD/.tools/bin"
mkdir -p "$bin"
build() {
  local name="$1" package="$2" version="$3" stamp="$bin/.$1-$3"
  [ -e "$stamp" ] && [ -x "$bin/$name" ] && return
  echo "building $name $version"
  (cd "$bin" && GOBIN="$bin" GOFLAGS=-mod=mod go install "$package@$version")
  rm -f "$bin/.$name-"*
  touch "$stamp"
}
build kustomize sigs.k8s.io/kustomize/kustomize/v5 "$KUSTOMIZE"
build kubeconform github.com/yannh/kubeconform/cmd/kubeconform "$KUBECONFORM"
