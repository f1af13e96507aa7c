"""The Pod Security Standards, as the admission controller of Kubernetes checks them.

Source: kubernetes.io, Pod Security Standards (baseline and restricted, v1.34).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from solutio_topology.checks.walk import maps, part, texts

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Container, Place, Workload

LEVELS = ("privileged", "baseline", "restricted")
_BASELINE_CAPABILITIES = frozenset(
    [
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    ]
)
_RESTRICTED_VOLUMES = frozenset(
    (
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
        "image",
    )
)
_SAFE_SYSCTLS = frozenset(
    (
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
    )
)


class Breach(Struct, frozen=True):
    """One thing that a level forbids."""

    statement: str
    place: Place


def breaches(workload: Workload, level: str) -> Iterator[Breach]:
    """What of a workload's pods a level forbids; nothing for ``privileged``."""
    if level == "privileged":
        return
    yield from _pod_baseline(workload)
    for container in workload.containers:
        yield from _container_baseline(container)
    if level == "restricted":
        yield from _volumes(workload)
        for container in workload.containers:
            yield from _container_restricted(container, workload.pod_spec.get("securityContext"))


def _pod_baseline(workload: Workload) -> Iterator[Breach]:
    spec, place = workload.pod_spec, workload.pod_place
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(field) is True:
            yield Breach(f"{field} is on", place.at(field))
    for index, volume in maps(spec.get("volumes")):
        if "hostPath" in volume:
            yield Breach(f"volume {volume.get('name')} is a folder of the node", place.at("volumes", index))
    for index, setting in maps(part(spec, "securityContext", "sysctls")):
        if setting.get("name") not in _SAFE_SYSCTLS:
            yield Breach(f"sysctl {setting.get('name')} is unsafe", place.at("securityContext", "sysctls", index))
    if part(spec, "securityContext", "seccompProfile", "type") == "Unconfined":
        yield Breach("seccomp is off", place.at("securityContext", "seccompProfile"))


def _container_baseline(container: Container) -> Iterator[Breach]:
    context, place = container.body.get("securityContext"), container.place.at("securityContext")
    if part(context, "privileged") is True:
        yield Breach(f"container {container.name} is privileged", place.at("privileged"))
    for name in texts(part(context, "capabilities", "add")):
        if name not in _BASELINE_CAPABILITIES:
            yield Breach(f"container {container.name} adds the capability {name}", place.at("capabilities", "add"))
    for port in container.ports:
        if port.host_port:
            yield Breach(f"container {container.name} takes port {port.host_port} of the node", port.place)
    if part(context, "procMount") not in (None, "Default"):
        yield Breach(f"container {container.name} unmasks /proc", place.at("procMount"))
    if part(context, "seccompProfile", "type") == "Unconfined":
        yield Breach(f"container {container.name} turns seccomp off", place.at("seccompProfile"))


def _volumes(workload: Workload) -> Iterator[Breach]:
    for index, volume in maps(workload.pod_spec.get("volumes")):
        kinds = [key for key in volume if key != "name"]
        if any(kind not in _RESTRICTED_VOLUMES and kind != "hostPath" for kind in kinds):
            yield Breach(f"volume {volume.get('name')} is of kind {kinds[0]}", workload.pod_place.at("volumes", index))


def _container_restricted(container: Container, pod: Any) -> Iterator[Breach]:
    context, place, name = container.body.get("securityContext"), container.place, container.name
    if part(context, "allowPrivilegeEscalation") is not False:
        yield Breach(f"container {name} does not set allowPrivilegeEscalation: false", place)
    if not _either(context, pod, "runAsNonRoot"):
        yield Breach(f"container {name} does not set runAsNonRoot: true", place)
    if _either(context, pod, "runAsUser") == 0:
        yield Breach(f"container {name} runs as user 0", place)
    profile = part(context, "seccompProfile", "type") or part(pod, "seccompProfile", "type")
    if profile not in ("RuntimeDefault", "Localhost"):
        yield Breach(f"container {name} sets no seccomp profile", place)
    if "ALL" not in texts(part(context, "capabilities", "drop")):
        yield Breach(f"container {name} does not drop ALL capabilities", place)
    for added in texts(part(context, "capabilities", "add")):
        if added != "NET_BIND_SERVICE" and added in _BASELINE_CAPABILITIES:
            yield Breach(f"container {name} adds the capability {added}", place)


def _either(context: Any, pod: Any, field: str) -> Any:
    """What holds for a container: its own setting, else the pod's."""
    own = part(context, field)
    return own if own is not None else part(pod, field)
