"""Faults in Services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.mutation.operator import Operator, Site, add, drop, misspell, narrow_range, put, swap, widen_range

_S = ("Service",)


def _someone_else(site: Site) -> Iterator[Any]:
    """The selector of another Service of the namespace."""
    space = site.item.body["metadata"].get("namespace")
    others = [
        each.body["spec"]["selector"]
        for each in site.tree.of_kind("Service")
        if each.body["metadata"].get("namespace") == space and each.body["spec"].get("selector") != site.value
    ]
    yield from others[:2]


def _fewer(site: Site) -> Iterator[Any]:
    if len(site.value) > 1:
        yield from ({k: v for k, v in site.value.items() if k != key} for key in site.value)


def _with(**fields: Any) -> Any:
    return lambda site: ({**site.value, key: value} for key, value in fields.items())


OPERATORS = (
    Operator("service-port", "another port", _S, "spec/ports/*/port", misspell),
    Operator("service-target-port", "another target port", _S, "spec/ports/*/targetPort", misspell),
    Operator("service-target-number", "a number where a name stood", _S, "spec/ports/*/targetPort", put(9)),
    Operator("service-port-name", "another port name", _S, "spec/ports/*/name", misspell),
    Operator("service-protocol", "another protocol", _S, "spec/ports/*/protocol", swap(TCP="UDP", UDP="TCP")),
    Operator("service-drop-port", "a port is gone", _S, "spec/ports/*", drop),
    Operator(
        "service-add-port",
        "a port of its own",
        _S,
        "spec/ports",
        add({"name": "extra", "port": 22, "targetPort": 22, "protocol": "TCP"}),
    ),
    Operator("service-selector", "a label of the selector is misspelt", _S, "spec/selector/*", misspell),
    Operator("service-selector-fewer", "the selector selects more", _S, "spec/selector", _fewer),
    Operator("service-selector-drop", "no selector at all", _S, "spec/selector", drop),
    Operator("service-selects-others", "a Service selects someone else's pods", _S, "spec/selector", _someone_else),
    Operator("service-type", "open to the outside", _S, "spec/type", put("NodePort", "LoadBalancer")),
    Operator(
        "service-type-inside",
        "no longer open to the outside",
        _S,
        "spec/type",
        swap(LoadBalancer="ClusterIP", NodePort="ClusterIP"),
    ),
    Operator(
        "service-external-name",
        "a name outside instead of pods",
        _S,
        "spec",
        lambda _: iter([{"type": "ExternalName", "externalName": "example.org"}]),
    ),
    Operator("service-external-ips", "addresses of its own", _S, "spec", _with(externalIPs=["203.0.113.9"])),
    Operator("service-headless", "no address of its own", _S, "spec", _with(clusterIP="None")),
    Operator("service-not-headless", "an address of its own", _S, "spec/clusterIP", drop),
    Operator(
        "service-not-ready", "pods that are not ready get requests", _S, "spec", _with(publishNotReadyAddresses=True)
    ),
    Operator("service-affinity", "requests stick to pods", _S, "spec", _with(sessionAffinity="ClientIP")),
    Operator("service-ranges-drop", "a source range is gone", _S, "spec/loadBalancerSourceRanges/*", drop),
    Operator("service-ranges-all", "no source ranges at all", _S, "spec/loadBalancerSourceRanges", drop),
    Operator("service-ranges-wider", "a wider source range", _S, "spec/loadBalancerSourceRanges/*", widen_range),
    Operator("service-ranges-narrower", "a narrower source range", _S, "spec/loadBalancerSourceRanges/*", narrow_range),
    Operator(
        "service-ranges-add", "one more source range", _S, "spec/loadBalancerSourceRanges", add("198.51.100.0/24")
    ),
    Operator(
        "service-traffic-policy",
        "another traffic policy",
        _S,
        "spec/externalTrafficPolicy",
        swap(Local="Cluster", Cluster="Local"),
    ),
    Operator("service-internal-policy", "only pods of the same node", _S, "spec", _with(internalTrafficPolicy="Local")),
    Operator("service-annotation", "another annotation", _S, "metadata/annotations/*", misspell),
    Operator("service-annotation-drop", "an annotation is gone", _S, "metadata/annotations/*", drop),
)
