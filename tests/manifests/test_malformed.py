"""Every value of every object replaced by something that does not belong there: said, or harmless, never a crash."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from solutio_topology.manifests import locate, read_files
from solutio_topology.yamlio import emit

Pointer = tuple[str | int, ...]
WRONG: list[Any] = [None, "", "text", [], [None], [[]], {}, {"a": None}, 0, -1, 70000, True, 1.5, "80"]
OBJECTS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: b, labels: {c: d}, annotations: {e: f}}
spec:
  replicas: 1
  selector: {matchLabels: {a: b}, matchExpressions: [{key: a, operator: In, values: [b]}]}
  template:
    metadata: {labels: {a: b}}
    spec:
      hostNetwork: false
      volumes: [{name: v, projected: {sources: [{secret: {name: s, items: [{key: k}]}}]}}]
      containers:
      - {name: m, image: x, ports: [{name: p, containerPort: 1, hostPort: 2, protocol: TCP}], envFrom: [{secretRef: {name: s}}],
         env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k, optional: true}}}]}
---
apiVersion: v1
kind: Service
metadata: {name: a}
spec: {type: ClusterIP, selector: {a: b}, ports: [{name: p, port: 1, targetPort: p, nodePort: 30000}], loadBalancerSourceRanges: [x]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a}
spec:
  podSelector: {matchLabels: {a: b}}
  policyTypes: [Ingress]
  ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}, {namespaceSelector: {}}], ports: [{port: 1, endPort: 2}]}]
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: a}
spec:
  endpointSelector: {matchLabels: {a: b}}
  enableDefaultDeny: {egress: true}
  egress:
  - {toEndpoints: [{matchLabels: {a: b}}], toPorts: [{ports: [{port: '1', protocol: TCP}], rules: {dns: [{matchName: a}]}}]}
  - {toCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}]}
  - {toFQDNs: [{matchPattern: a}]}
  - {toEntities: [world], icmps: [{fields: [{type: 8}]}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: a}
spec: {gatewayClassName: c, listeners: [{name: x, port: 1, protocol: HTTPS, tls: {certificateRefs: [{name: s}]}, allowedRoutes: {namespaces: {from: Selector, selector: {}}}}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: a}
spec: {parentRefs: [{name: g, port: 1}], hostnames: [a], rules: [{matches: [{path: {type: Exact, value: /}}], backendRefs: [{name: s, port: 1}]}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: a}
spec: {tls: [{hosts: [a], secretName: s}], rules: [{host: a, http: {paths: [{path: /, backend: {service: {name: s, port: {number: 1}}}}]}}]}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: a, labels: {b: c}}
spec:
  chart: {spec: {chart: ingress-nginx, version: '1'}}
  values: {tcp: {'1': a}, controller: {podLabels: {a: b}, metrics: {enabled: true}, hostPort: {enabled: true, ports: {http: 1}},
    service: {annotations: {a: b}, ports: {http: 1}, targetPorts: {http: x}, loadBalancerSourceRanges: [x]}}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: a}
spec: {chart: {spec: {chart: livekit-server}}, values: {livekit: {port: 1, rtc: {udp_port: 2}}, loadBalancer: {type: do, tls: [{hosts: [a]}]}}}
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: a}
spec: {instances: 2, bootstrap: {recovery: {owner: a, database: b}}, inheritedMetadata: {labels: {a: b}},
  managed: {services: {disabledDefaultServices: [r], additional: [{selectorType: rw, serviceTemplate: {metadata: {name: s}, spec: {type: NodePort}}}]}}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: a}
spec: {target: {name: b, template: {data: {a: b}, mergePolicy: Merge}}, data: [{secretKey: k}]}
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: a}
spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: m}]}}}
"""  # noqa: E501 - one line an object is what keeps this readable
BODIES = list(yaml.safe_load_all(OBJECTS))


def _pointers(value: Any, at: Pointer = ()) -> Iterator[Pointer]:
    yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _pointers(item, (*at, key))


def _replaced(value: Any, at: Pointer, wrong: Any) -> Any:
    if not at:
        return wrong
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[at[0]] = _replaced(value[at[0]], at[1:], wrong)
    return copy


@pytest.mark.parametrize("body", BODIES, ids=lambda body: str(body["kind"]))
def test_no_wrong_value_anywhere_breaks_the_reading(body: dict[str, Any]) -> None:
    # One stream of all the damaged objects: whatever a document holds, those behind it are read.
    damaged = [_replaced(body, at, wrong) for at in _pointers(body) if at for wrong in WRONG]
    last = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "last"}, "spec": {"containers": []}}
    facts = read_files({"a.yaml": emit([*damaged, last])})
    assert "last" in [each.key.name for each in facts.workloads]
    told = [*facts.unreadable, *facts.undecided]
    assert all(each.message and each.remedy and locate(facts, each.place).line for each in told[:200])


@pytest.mark.parametrize(
    "body", [each for each in BODIES if each["kind"] != "Rollout"], ids=lambda each: str(each["kind"])
)
def test_a_list_for_the_spec_is_said(body: dict[str, Any]) -> None:
    facts = read_files({"a.yaml": emit([{**body, "spec": ["x"]}])})
    assert [each for each in facts.unreadable if "spec" in each.message or "map" in each.message]
