"""Which fields an API server refuses to change.

Source: the update validation of Kubernetes 1.34 (pkg/apis/*/validation/validation.go), of CloudNativePG 1.30
(internal/webhook/v1/cluster_webhook.go). `tools/immutable.py` holds this table against a real API server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from solutio_topology.diff.objects import ObjectChange
from solutio_topology.diff.values import ABSENT, ValueChange
from solutio_topology.manifests.quantities import quantity

Fields = tuple[str, ...]
Test = Callable[[ObjectChange, ValueChange], bool]

_STATEFUL_SET = frozenset(
    {
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    }
)
_CLAIM = frozenset({"resources", "volumeAttributesClassName"})
_JOB = frozenset({"parallelism", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "suspend"})
_POD = frozenset({"activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds"})


def refused(change: ObjectChange) -> Iterator[ValueChange]:
    """The places of a changed object that the API server will not let change."""
    test = _TESTS.get((change.key.group, change.key.kind))
    if test is not None and change.before is not None and change.after is not None:
        yield from (each for each in change.raw if test(change, each))


def _deployment(change: ObjectChange, value: ValueChange) -> bool:
    return value.fields[:2] == ("spec", "selector") or _keeps_rolling(change, value, "strategy", "Recreate")


def _stateful_set(change: ObjectChange, value: ValueChange) -> bool:
    return _spec_but(_STATEFUL_SET)(change, value) or _keeps_rolling(change, value, "updateStrategy", "OnDelete")


def _keeps_rolling(change: ObjectChange, value: ValueChange, field: str, kind: str) -> bool:
    """A strategy that takes no `rollingUpdate`, where the server has filled one in: nobody takes it out."""
    if value.fields[:2] != ("spec", field) or change.before is None or change.after is None:
        return False
    before, after = ((each.body.get("spec") or {}).get(field) or {} for each in (change.before, change.after))
    return after.get("type") == kind and before.get("type") != kind and "rollingUpdate" not in before


def _fields(*paths: Fields) -> Test:
    """Whether a change lies at or below one of the paths."""
    return lambda _change, value: any(value.fields[: len(path)] == path for path in paths)


def _spec_but(allowed: frozenset[str]) -> Test:
    """Whether a change lies below ``spec``, and not in one of the allowed fields."""
    return lambda _change, value: value.fields[:1] == ("spec",) and not allowed & set(value.fields[1:2])


def _service(_change: ObjectChange, value: ValueChange) -> bool:
    """An address that is given cannot become another; one that is not given is the server's choice and stays."""
    return value.fields[:2] in {("spec", "clusterIP"), ("spec", "clusterIPs")} and value.after is not ABSENT


def _keyed(change: ObjectChange, value: ValueChange) -> bool:
    """ConfigMaps and Secrets that are marked immutable; the type of any Secret."""
    if change.key.kind == "Secret" and value.fields == ("type",):
        return True
    fixed = change.before is not None and change.before.body.get("immutable") is True
    return fixed and value.fields[:1] in {("data",), ("binaryData",), ("stringData",), ("immutable",)}


def _pod(_change: ObjectChange, value: ValueChange) -> bool:
    if value.fields[:1] != ("spec",) or _POD & set(value.fields[1:2]):
        return False
    return not (
        len(value.fields) == 3 and value.fields[1] in {"containers", "initContainers"} and value.fields[2] == "image"
    )


def _claim(change: ObjectChange, value: ValueChange) -> bool:
    return _spec_but(_CLAIM)(change, value) or shrinks(value)


def _cluster(_change: ObjectChange, value: ValueChange) -> bool:
    stored = value.fields[1:2] in {("storage",), ("walStorage",), ("tablespaces",)}
    gone = value.after is ABSENT and value.fields in {("spec", "walStorage"), ("spec", "tablespaces")}
    return stored and (gone or shrinks(value))


def _definition(_change: ObjectChange, value: ValueChange) -> bool:
    return value.fields[:2] in {("spec", "group"), ("spec", "scope")} or value.fields in {
        ("spec", "names", "plural"),
        ("spec", "names", "kind"),
    }


def shrinks(value: ValueChange) -> bool:
    """Whether a size becomes smaller: a volume can only grow."""
    if value.fields[-1:] not in {("size",), ("storage",)}:
        return False
    before, after = quantity(value.before), quantity(value.after)
    return before is not None and after is not None and after < before


_SELECTOR = _fields(("spec", "selector"))
_ROLE = _fields(("roleRef",))
_TESTS: dict[tuple[str, str], Test] = {
    ("apps", "Deployment"): _deployment,
    ("apps", "ReplicaSet"): _SELECTOR,
    ("apps", "DaemonSet"): _SELECTOR,
    ("apps", "StatefulSet"): _stateful_set,
    ("batch", "Job"): _spec_but(_JOB),
    ("", "Pod"): _pod,
    ("", "Service"): _service,
    ("", "ConfigMap"): _keyed,
    ("", "Secret"): _keyed,
    ("", "PersistentVolumeClaim"): _claim,
    ("", "PersistentVolume"): _fields(
        ("spec", "volumeMode"), ("spec", "csi"), ("spec", "hostPath"), ("spec", "nfs"), ("spec", "local"),
        ("spec", "nodeAffinity"),
    ),
    ("storage.k8s.io", "StorageClass"): _fields(
        ("provisioner",), ("parameters",), ("reclaimPolicy",), ("volumeBindingMode",)
    ),
    ("rbac.authorization.k8s.io", "RoleBinding"): _ROLE,
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): _ROLE,
    ("networking.k8s.io", "IngressClass"): _fields(("spec", "controller")),
    ("scheduling.k8s.io", "PriorityClass"): _fields(("value",), ("preemptionPolicy",)),
    ("node.k8s.io", "RuntimeClass"): _fields(("handler",)),
    ("discovery.k8s.io", "EndpointSlice"): _fields(("addressType",)),
    ("storage.k8s.io", "CSIDriver"): _fields(("spec", "attachRequired"), ("spec", "volumeLifecycleModes")),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _definition,
    ("postgresql.cnpg.io", "Cluster"): _cluster,
}  # fmt: skip
