"""Faults in workloads and what scales and protects them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tools.mutation.operator import Operator, Site, add, drop, flip, misspell, put, swap

_W = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
_POD = "**/template"
_SPEC = f"{_POD}/spec"
_C = f"{_SPEC}/containers|initContainers/*"
_MAIN = f"{_SPEC}/containers/*"
_PROBES = "startupProbe|readinessProbe|livenessProbe"


def _with(**fields: Any) -> Any:
    """One more field in a map, or another value of it; an edit for each."""
    return lambda site: ({**site.value, key: value} for key, value in fields.items())


def _host(site: Site) -> Iterator[Any]:
    """Another host in an address."""
    if re.search(r"://[^/]*[a-z]|\.[a-z]+", str(site.value)):
        yield re.sub(
            r"((?:^[a-z+]+://(?:[^/@]*@)?)|^(?![a-z+]+://))([A-Za-z0-9-]+)", r"\g<1>\g<2>x", site.value, count=1
        )


def _port(site: Site) -> Iterator[Any]:
    """Another port in an address."""
    if re.search(r":[0-9]{2,5}(?![0-9])", str(site.value)):
        yield re.sub(r":([0-9]{2,5})(?![0-9])", lambda m: f":{int(m[1]) + 1}", site.value, count=1)


def _space(site: Site) -> Iterator[Any]:
    """The same Service in another namespace."""
    if re.search(r"\.[a-z0-9-]+\.svc", str(site.value)):
        yield re.sub(r"\.[a-z0-9-]+\.svc", ".elsewhere.svc", site.value)


def _scheme(site: Site) -> Iterator[Any]:
    """Without encryption where it was, and the other way round."""
    for old, new in (("https://", "http://"), ("wss://", "ws://"), ("sslmode=require", "sslmode=disable")):
        if old in str(site.value):
            yield site.value.replace(old, new)


def _database(site: Site) -> Iterator[Any]:
    """Another database behind the same address."""
    if re.search(r":[0-9]+/[a-z0-9]+", str(site.value)):
        yield re.sub(r"(:[0-9]+/)([a-z0-9]+)", r"\g<1>other", site.value, count=1)


def _other_secret(site: Site) -> Iterator[Any]:
    """A Secret that is there and meant for something else."""
    space = site.item.body["metadata"].get("namespace")
    names = [
        each.body["metadata"]["name"]
        for each in site.tree.of_kind("ExternalSecret", "Secret")
        if each.body["metadata"].get("namespace") == space
    ]
    yield from [name for name in names if name != site.value][:1]


def _other_registry(_site: Site) -> Iterator[Any]:
    yield "docker.io/library/nginx:1.27.0"


def _other_tag(site: Site) -> Iterator[Any]:
    yield re.sub(r":[^:/@]+$", ":9.9.9", site.value)
    yield re.sub(r":[^:/@]+$", "", site.value)
    yield re.sub(r":[^:/@]+$", ":latest", site.value)


OPERATORS = (
    Operator("pod-label", "another label of the pods", _W, f"{_POD}/metadata/labels/*", misspell),
    Operator("pod-label-drop", "a label of the pods is gone", _W, f"{_POD}/metadata/labels/*", drop),
    Operator("workload-selector", "the workload selects others", _W, "spec/selector/matchLabels/*", misspell),
    Operator("workload-selector-fewer", "the workload selects more", _W, "spec/selector/matchLabels/*", drop),
    Operator("replicas", "no pods, and one", _W, "spec/replicas", put(0, 1)),
    Operator("suspend", "a schedule that never runs", ("CronJob", "Job"), "spec", _with(suspend=True)),
    Operator("strategy", "another way to roll out", ("Deployment",), "spec/strategy", put({"type": "Recreate"})),
    Operator(
        "surge", "another number of pods while rolling out", ("Deployment",), "spec/strategy/rollingUpdate/*", put(0, 1)
    ),
    Operator("container-port", "another port", _W, f"{_C}/ports/*/containerPort", misspell),
    Operator("container-port-name", "another port name", _W, f"{_C}/ports/*/name", misspell),
    Operator("container-port-protocol", "another protocol", _W, f"{_C}/ports/*/protocol", swap(TCP="UDP", UDP="TCP")),
    Operator("container-port-drop", "a port is gone", _W, f"{_C}/ports/*", drop),
    Operator(
        "container-host-port",
        "a port of the node",
        _W,
        f"{_C}/ports/*",
        lambda s: iter([{**s.value, "hostPort": s.value["containerPort"]}]),
    ),
    Operator("container-host-port-drop", "no longer a port of the node", _W, f"{_C}/ports/*/hostPort", drop),
    Operator("host-network", "on the node's network", _W, _SPEC, _with(hostNetwork=True)),
    Operator("host-network-off", "off the node's network", _W, f"{_SPEC}/hostNetwork", drop),
    Operator("host-spaces", "in the node's process and IPC space", _W, _SPEC, _with(hostPID=True, hostIPC=True)),
    Operator("dns-policy", "names are asked elsewhere", _W, _SPEC, _with(dnsPolicy="Default")),
    Operator("dns-policy-drop", "names as by default", _W, f"{_SPEC}/dnsPolicy", drop),
    Operator(
        "host-aliases",
        "a name with another address",
        _W,
        _SPEC,
        _with(hostAliases=[{"ip": "198.51.100.7", "hostnames": ["api"]}]),
    ),
    Operator("env-host", "another host", _W, f"{_C}/env/*/value", _host),
    Operator("env-port", "another port", _W, f"{_C}/env/*/value", _port),
    Operator("env-namespace", "another namespace", _W, f"{_C}/env/*/value", _space),
    Operator("env-scheme", "without encryption", _W, f"{_C}/env/*/value", _scheme),
    Operator("env-database", "another database", _W, f"{_C}/env/*/value", _database),
    Operator("env-value", "another value", _W, f"{_C}/env/*/value", misspell),
    Operator("env-value-drop", "no value", _W, f"{_C}/env/*/value", drop),
    Operator("env-name", "another name", _W, f"{_C}/env/*/name", misspell),
    Operator("env-drop", "a variable is gone", _W, f"{_C}/env/*", drop),
    Operator("secret-name", "another Secret", _W, f"{_SPEC}/**/secretKeyRef|configMapKeyRef/name", misspell),
    Operator(
        "secret-other", "a Secret that is meant for something else", _W, f"{_SPEC}/**/secretKeyRef/name", _other_secret
    ),
    Operator("secret-key", "another key", _W, f"{_SPEC}/**/secretKeyRef|configMapKeyRef/key", misspell),
    Operator("secret-optional", "a Secret that may be missing", _W, f"{_SPEC}/**/secretKeyRef", _with(optional=True)),
    Operator("pull-secret", "another pull secret", _W, f"{_SPEC}/imagePullSecrets/*/name", misspell),
    Operator("pull-secret-drop", "no pull secret", _W, f"{_SPEC}/imagePullSecrets", drop),
    Operator("service-account", "another account", _W, f"{_SPEC}/serviceAccountName", misspell),
    Operator("service-account-drop", "the default account", _W, f"{_SPEC}/serviceAccountName", drop),
    Operator("service-account-token", "a token of the API server", _W, f"{_SPEC}/automountServiceAccountToken", flip),
    Operator("node-selector", "nodes that are not there", _W, f"{_SPEC}/nodeSelector/*", misspell),
    Operator("node-selector-drop", "any node", _W, f"{_SPEC}/nodeSelector", drop),
    Operator("toleration-drop", "no toleration", _W, f"{_SPEC}/tolerations/*", drop),
    Operator("toleration", "another toleration", _W, f"{_SPEC}/tolerations/*/key|value|effect", misspell),
    Operator("toleration-add", "onto every node", _W, _SPEC, _with(tolerations=[{"operator": "Exists"}])),
    Operator("spread-drop", "nothing spreads the pods", _W, f"{_SPEC}/topologySpreadConstraints", drop),
    Operator(
        "spread-selector",
        "what is spread is others' pods",
        _W,
        f"{_SPEC}/topologySpreadConstraints/**/matchLabels/*",
        misspell,
    ),
    Operator("grace", "no time to end", _W, f"{_SPEC}/terminationGracePeriodSeconds", put(0, 1)),
    Operator("priority", "a priority that is not there", _W, _SPEC, _with(priorityClassName="urgentt")),
    Operator("image", "another image", _W, f"{_C}/image", _other_registry),
    Operator("image-tag", "another tag", _W, f"{_C}/image", _other_tag),
    Operator("command-drop", "the image's own command", _W, f"{_C}/command", drop),
    Operator("command", "another command", _W, f"{_C}/command|args/*", misspell),
    Operator("args-drop", "no arguments", _W, f"{_C}/args", drop),
    Operator("probe-drop", "no probe", _W, f"{_C}/{_PROBES}", drop),
    Operator("probe-port", "a probe of another port", _W, f"{_C}/{_PROBES}/**/port", misspell),
    Operator("probe-number", "a probe of a number", _W, f"{_C}/{_PROBES}/**/port", put(9)),
    Operator("probe-path", "a probe of another path", _W, f"{_C}/{_PROBES}/**/path", misspell),
    Operator("volume-drop", "a volume is gone", _W, f"{_SPEC}/volumes/*", drop),
    Operator("volume-name", "another volume name", _W, f"{_SPEC}/volumes/*/name", misspell),
    Operator(
        "volume-source",
        "another Secret, ConfigMap or claim",
        _W,
        f"{_SPEC}/volumes/*/secret|configMap|persistentVolumeClaim/secretName|name|claimName",
        misspell,
    ),
    Operator("volume-item", "another key of a volume", _W, f"{_SPEC}/volumes/*/secret|configMap/items/*/key", misspell),
    Operator(
        "volume-host-path",
        "a folder of the node",
        _W,
        f"{_SPEC}/volumes",
        add({"name": "node", "hostPath": {"path": "/"}}),
    ),
    Operator("mount-drop", "a mount is gone", _W, f"{_C}/volumeMounts/*", drop),
    Operator("mount-name", "a mount of another volume", _W, f"{_C}/volumeMounts/*/name", misspell),
    Operator("mount-path", "another place to mount", _W, f"{_C}/volumeMounts/*/mountPath", misspell),
    Operator(
        "claim-template", "another claim", ("StatefulSet",), "spec/volumeClaimTemplates/*/metadata/name", misspell
    ),
    Operator("claim-template-drop", "no claim", ("StatefulSet",), "spec/volumeClaimTemplates", drop),
    Operator("governing-service", "another governing Service", ("StatefulSet",), "spec/serviceName", misspell),
    Operator("root", "as root", _W, f"{_SPEC}/securityContext", _with(runAsNonRoot=False, runAsUser=0)),
    Operator("pod-security-drop", "nothing said of the pod's security", _W, f"{_SPEC}/securityContext", drop),
    Operator("container-security-drop", "nothing said of the container's security", _W, f"{_C}/securityContext", drop),
    Operator(
        "privileged",
        "privileged",
        _W,
        f"{_C}/securityContext",
        _with(privileged=True, allowPrivilegeEscalation=True, capabilities={"add": ["NET_ADMIN"]}),
    ),
    Operator(
        "read-only-off",
        "a root file system that can be written",
        _W,
        f"{_C}/securityContext/readOnlyRootFilesystem",
        flip,
    ),
    Operator("resources-drop", "no requests or limits", _W, f"{_C}/resources", drop),
    Operator("requests-drop", "a request is gone", _W, f"{_C}/resources/requests/*", drop),
    Operator("limits-drop", "a limit is gone", _W, f"{_C}/resources/limits/*", drop),
    Operator(
        "container-add",
        "one more container",
        _W,
        f"{_SPEC}/containers",
        add({"name": "extra", "image": "docker.io/library/busybox:1.37.0"}),
    ),
    Operator("init-drop", "an init container is gone", _W, f"{_SPEC}/initContainers/*", drop),
    Operator(
        "sidecar-drop",
        "a container beside the first is gone",
        _W,
        f"{_SPEC}/containers",
        lambda s: iter([s.value[:-1]] if len(s.value) > 1 else []),
    ),
    Operator("schedule", "a schedule that is none", ("CronJob",), "spec/schedule", put("every day")),
    Operator("autoscaler-target", "another target", ("HorizontalPodAutoscaler",), "spec/scaleTargetRef/*", misspell),
    Operator(
        "autoscaler-bounds", "other bounds", ("HorizontalPodAutoscaler",), "spec/minReplicas|maxReplicas", put(1, 0, 50)
    ),
    Operator(
        "autoscaler-metric",
        "another metric",
        ("HorizontalPodAutoscaler",),
        "spec/metrics/*/resource/name",
        put("memory", "gpu"),
    ),
    Operator("autoscaler-metrics-drop", "no metric", ("HorizontalPodAutoscaler",), "spec/metrics", drop),
    Operator(
        "budget-selector", "a budget for others", ("PodDisruptionBudget",), "spec/selector/matchLabels/*", misspell
    ),
    Operator("budget-fewer", "a budget for more pods", ("PodDisruptionBudget",), "spec/selector/matchLabels/*", drop),
    Operator("budget-zero", "a budget that never lets go", ("PodDisruptionBudget",), "spec/maxUnavailable", put(0)),
    Operator("budget-all", "a budget that lets all go", ("PodDisruptionBudget",), "spec/maxUnavailable", put("100%")),
)
