//go:build tools

// Package controlplane pins what a real API server is built from: checks are held against its answers.
package controlplane

import (
	_ "go.etcd.io/etcd/server/v3"
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
)
