package main

import (
	"math/big"
	"net/netip"
	"sort"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

const lastPort = 65535

var protocols = []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP}

// end is a workload or an address outside, as the engine sees it, with the policies that bind it.
type end struct {
	name    string
	peer    *matcher.TrafficPeer
	ports   []corev1.ContainerPort
	ingress []*matcher.Target
	egress  []*matcher.Target
}

// connections asks the engine about every pair of ends, every protocol and every stretch of ports.
func connections(found *manifests) []row {
	policy := matcher.BuildNetworkPolicies(false, found.policies)
	ends, inside := endsOf(found, policy), len(found.workloads)
	cuts := portCuts(found)
	merged := map[[2]string]map[string][][2]int{}
	for i := range ends {
		for j := range ends {
			if ends[i].name == ends[j].name || (i >= inside && j >= inside) {
				continue
			}
			if ports := between(&ends[i], &ends[j], cuts); len(ports) > 0 {
				key := [2]string{ends[i].name, ends[j].name}
				merged[key] = join(merged[key], ports)
			}
		}
	}
	rows := make([]row, 0, len(merged))
	for key, ports := range merged {
		rows = append(rows, row{key[0], key[1], ports})
	}
	return rows
}

func endsOf(found *manifests, policy *matcher.Policy) []end {
	var ends []end
	for _, each := range found.workloads {
		peer := &matcher.TrafficPeer{Internal: &matcher.InternalPeer{
			PodLabels: each.labels, Namespace: each.namespace, NamespaceLabels: found.labelsOf(each.namespace),
		}}
		ends = append(ends, end{
			each.name, peer, each.ports,
			policy.TargetsApplyingToPod(true, each.namespace, each.labels),
			policy.TargetsApplyingToPod(false, each.namespace, each.labels),
		})
	}
	for _, address := range addresses(found.policies) {
		ends = append(ends, end{name: address, peer: &matcher.TrafficPeer{IP: address}})
	}
	return ends
}

func between(src, dst *end, cuts []int) map[string][][2]int {
	found := map[string][][2]int{}
	for _, protocol := range protocols {
		var spans [][2]int
		for i, first := range cuts[:len(cuts)-1] {
			names := namesOf(dst, first, protocol)
			if !passes(src.egress, dst.peer, first, names, protocol) || !passes(dst.ingress, src.peer, first, names, protocol) {
				continue
			}
			last := cuts[i+1] - 1
			if n := len(spans); n > 0 && spans[n-1][1] == first-1 {
				spans[n-1][1] = last
			} else {
				spans = append(spans, [2]int{first, last})
			}
		}
		if spans != nil {
			found[string(protocol)] = spans
		}
	}
	return found
}

// passes asks the targets of one end about the other; without any nothing is closed. A named port may be one of several
// names of the destination's port. The manifests give pods no addresses: no ipBlock speaks of them.
func passes(targets []*matcher.Target, peer *matcher.TrafficPeer, port int, names []string, protocol corev1.Protocol) bool {
	if len(targets) == 0 {
		return true
	}
	for _, target := range targets {
		for _, each := range target.Peers {
			if _, block := each.(*matcher.IPPeerMatcher); block && !peer.IsExternal() {
				continue
			}
			for _, name := range names {
				if each.Allows(peer, port, name, protocol) {
					return true
				}
			}
		}
	}
	return false
}

// namesOf are the names of a port of the destination, or one that no port has.
func namesOf(dst *end, port int, protocol corev1.Protocol) []string {
	var names []string
	for _, each := range dst.ports {
		declared := each.Protocol
		if declared == "" {
			declared = corev1.ProtocolTCP
		}
		if int(each.ContainerPort) == port && declared == protocol && each.Name != "" {
			names = append(names, each.Name)
		}
	}
	if names == nil {
		return []string{"no port has this name"}
	}
	return names
}

// portCuts are the first ports of all stretches within which no rule and no container changes, and the end.
func portCuts(found *manifests) []int {
	cuts := map[int]bool{1: true, lastPort + 1: true}
	add := func(first, last int) {
		for _, cut := range []int{first, last + 1} {
			if cut >= 1 && cut <= lastPort {
				cuts[cut] = true
			}
		}
	}
	for _, each := range found.workloads {
		for _, port := range each.ports {
			add(int(port.ContainerPort), int(port.ContainerPort))
		}
	}
	for _, policy := range found.policies {
		for _, port := range policyPorts(policy) {
			if port.Port != nil {
				last := port.Port.IntValue()
				if port.EndPort != nil {
					last = int(*port.EndPort)
				}
				add(port.Port.IntValue(), last)
			}
		}
	}
	sorted := make([]int, 0, len(cuts))
	for cut := range cuts {
		sorted = append(sorted, cut)
	}
	sort.Ints(sorted)
	return sorted
}

func policyPorts(policy *networkingv1.NetworkPolicy) []networkingv1.NetworkPolicyPort {
	var found []networkingv1.NetworkPolicyPort
	for _, rule := range policy.Spec.Ingress {
		found = append(found, rule.Ports...)
	}
	for _, rule := range policy.Spec.Egress {
		found = append(found, rule.Ports...)
	}
	return found
}

// addresses are the first addresses of all stretches that the ipBlocks cut.
func addresses(policies []*networkingv1.NetworkPolicy) []string {
	found := map[netip.Addr]bool{netip.IPv4Unspecified(): true}
	add := func(cidr string) {
		prefix, err := netip.ParsePrefix(cidr)
		if err != nil {
			return
		}
		if prefix.Addr().Is6() {
			found[netip.IPv6Unspecified()] = true
		}
		found[prefix.Masked().Addr()] = true
		if after, wraps := next(prefix); !wraps {
			found[after] = true
		}
	}
	for _, policy := range policies {
		for _, peer := range policyPeers(policy) {
			if peer.IPBlock != nil {
				add(peer.IPBlock.CIDR)
				for _, except := range peer.IPBlock.Except {
					add(except)
				}
			}
		}
	}
	sorted := make([]string, 0, len(found))
	for address := range found {
		sorted = append(sorted, address.String())
	}
	sort.Strings(sorted)
	return sorted
}

// next is the first address after a prefix; it wraps where there is none.
func next(prefix netip.Prefix) (netip.Addr, bool) {
	bytes := prefix.Masked().Addr().AsSlice()
	size := uint(len(bytes)*8 - prefix.Bits())
	sum := new(big.Int).Add(new(big.Int).SetBytes(bytes), new(big.Int).Lsh(big.NewInt(1), size))
	if sum.BitLen() > len(bytes)*8 {
		return netip.Addr{}, true
	}
	after, _ := netip.AddrFromSlice(sum.FillBytes(bytes))
	return after, false
}

func policyPeers(policy *networkingv1.NetworkPolicy) []networkingv1.NetworkPolicyPeer {
	var found []networkingv1.NetworkPolicyPeer
	for _, rule := range policy.Spec.Ingress {
		found = append(found, rule.From...)
	}
	for _, rule := range policy.Spec.Egress {
		found = append(found, rule.To...)
	}
	return found
}

// join is the union of two sets of ports: several pods of one name with different labels are one end.
func join(one, other map[string][][2]int) map[string][][2]int {
	if one == nil {
		return other
	}
	for protocol, spans := range other {
		all := append(append([][2]int{}, one[protocol]...), spans...)
		sort.Slice(all, func(i, j int) bool { return all[i][0] < all[j][0] })
		kept := all[:1]
		for _, each := range all[1:] {
			last := &kept[len(kept)-1]
			switch {
			case each[0] > last[1]+1:
				kept = append(kept, each)
			case each[1] > last[1]:
				last[1] = each[1]
			}
		}
		one[protocol] = kept
	}
	return one
}
