package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	shadow = "not-in.of/"
	absent = "no-value-of-any-selector"
)

// matchAbsent makes the engine read NotIn as Kubernetes does. To cyclonus 0.5.6 a label that is absent never matches NotIn,
// to Kubernetes (labels.Requirement.Matches) it always does. Every NotIn asks for a label of its own instead, which all
// pods and namespaces have: with the value of the real one, or with one that no selector names.
func matchAbsent(found *manifests) {
	keys := map[string]bool{}
	rename := func(selector *metav1.LabelSelector) {
		if selector == nil {
			return
		}
		for i := range selector.MatchExpressions {
			each := &selector.MatchExpressions[i]
			if each.Operator == metav1.LabelSelectorOpNotIn {
				keys[each.Key] = true
				each.Key = shadow + each.Key
			}
		}
	}
	for _, policy := range found.policies {
		rename(&policy.Spec.PodSelector)
		for _, peer := range policyPeers(policy) {
			rename(peer.PodSelector)
			rename(peer.NamespaceSelector)
		}
	}
	for i := range found.workloads {
		each := &found.workloads[i]
		found.namespaces[each.namespace] = shadowed(found.labelsOf(each.namespace), keys)
		each.labels = shadowed(each.labels, keys)
	}
}

func shadowed(labels map[string]string, keys map[string]bool) map[string]string {
	found := map[string]string{}
	for key, value := range labels {
		found[key] = value
	}
	for key := range keys {
		value, has := labels[key]
		if !has {
			value = absent
		}
		found[shadow+key] = value
	}
	return found
}
