"""``R``, ``A``: pods that are not what the topology declares: another image, program, variable, file or number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.checks.check import BothCheck, Check
from solutio_topology.checks.declared import Declared
from solutio_topology.checks.walk import maps, part, texts
from solutio_topology.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.graph.model import Node
    from solutio_topology.manifests.facts import Container, EnvVar, Object, Workload
    from solutio_topology.spec.component import Component
    from solutio_topology.spec.service import Service
    from solutio_topology.spec.workload import Container as DeclaredContainer
    from solutio_topology.spec.workload import HttpProbe, Image, Job, Process

IMAGE = Rule(
    code="R038",
    name="image-differs",
    severity=Severity.ERROR,
    summary="No container of the pods runs the declared image.",
    rationale="Another program, or another version of it, stands at every edge that is proved here.",
    example="image: registry.example.com/shop/web:1.3 where the topology says 1.4",
    remedy="run the declared image, or declare the one that runs",
)
COMMAND = Rule(
    code="R039",
    name="command-differs",
    severity=Severity.ERROR,
    summary="The pods run another command than the topology declares.",
    rationale="A worker that starts the web server serves nothing, and nothing works off its queue.",
    example="args: [server] where the process is declared with command: [worker]",
    remedy="make command and args those of the topology, or change the topology",
)
VARIABLE = Rule(
    code="R040",
    name="variable-differs",
    severity=Severity.ERROR,
    summary="A declared variable is missing, has another value, or need not come from its Secret.",
    rationale="The program runs with another configuration than the one that was reviewed.",
    example="RAILS_ENV: development where the topology says production",
    remedy="make the variable what the topology says",
)
MOUNT = Rule(
    code="R041",
    name="mount-missing",
    severity=Severity.ERROR,
    summary="A declared file, volume or folder is not mounted where the topology says.",
    rationale="Data is written into the container and lost with it; a configuration is never read.",
    example="storage with path /data, and nothing mounted at /data",
    remedy="mount the volume at the declared path",
)
PROBES = Rule(
    code="A011",
    name="probe-differs",
    severity=Severity.WARNING,
    summary="A declared probe is missing, or asks something else.",
    rationale="A pod that is well is taken out of service or restarted for ever; one that is not keeps its requests.",
    example="readinessProbe: {httpGet: {path: /healtz}}",
    remedy="make the probe that of the topology",
)
GRACE = Rule(
    code="A012",
    name="grace-shorter-than-declared",
    severity=Severity.WARNING,
    summary="Pods are killed before they had the time that their component needs to end.",
    rationale="Open requests, jobs and calls are cut off at every rollout.",
    example="terminationGracePeriodSeconds: 1",
    remedy="give them the seconds that the component's rollout names",
)


class DeclaredPods(Struct, frozen=True, dict=True):
    """A workload, beside what is declared of it."""

    workload: Workload
    source: Object | None
    node: Node
    process: str

    @cached_property
    def part(self) -> Process | Job | None:
        """What is declared of the process or job; None for the main one."""
        return self.node.processes.get(self.process) or self.node.service.jobs.get(self.process)

    @property
    def known(self) -> bool:
        """Whether the topology speaks of the process at all."""
        return self.process == "main" or self.part is not None

    @property
    def beside(self) -> dict[str, DeclaredContainer]:
        """The declared init containers, and the sidecars of the main process."""
        service = self.node.service
        return {**service.init, **service.sidecars} if self.process == "main" else dict(service.init)

    @cached_property
    def main(self) -> tuple[Container, ...]:
        """The containers that are none of the declared sidecars or init containers."""
        beside = {*self.node.service.sidecars, *self.node.service.init}
        return tuple(each for each in self.workload.containers if not each.init and each.name not in beside)


def declared_pods(intent: Intent, evidence: Evidence) -> Iterator[DeclaredPods]:
    declared = Declared(intent, evidence)
    for each in evidence.connections.workloads:
        owner, workload = evidence.owner(each), evidence.workload(each)
        node = declared.node(owner) if owner and not workload.maker else None
        if node is not None and node.component.kind == "workload":
            found = DeclaredPods(workload, evidence.objects.get(workload.key), node, evidence.process(each))
            if found.known:
                yield found


def _images(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    for pods in declared_pods(intent, evidence):
        own = pods.node.service.image or pods.node.component.image
        text = _reference(intent, own) if own else ""
        running = sorted({each.image for each in pods.main})
        if text and text not in running:
            message = f"{pods.workload.key} runs {', '.join(running) or 'nothing'}; it is declared with {text}"
            where = evidence.locate(pods.workload.pod_place.at("containers"))
            yield IMAGE.finding(message, where, subject=str(pods.workload.key))
        for name, each in pods.beside.items():
            image = each.image or own
            text = _reference(intent, image) if image else ""
            if text and not any(_is_meant(pods, container, text, each) for container in pods.workload.containers):
                message = f"{pods.workload.key}: no container is what {name} is declared to be, {text}"
                where = evidence.locate(pods.workload.pod_place)
                yield IMAGE.finding(message, where, subject=str(pods.workload.key))


def _is_meant(pods: DeclaredPods, container: Container, image: str, declared: DeclaredContainer) -> bool:
    """Whether a container is a declared sidecar or init container, whatever it is called."""
    mounted = {str(mount.get("mountPath")) for _, mount in maps(container.body.get("volumeMounts"))}
    wanted = {pods.node.volumes[name].path for name in declared.mounts if name in pods.node.volumes}
    return (container.image == image and wanted <= mounted) and all(
        value is None or texts(container.body.get(field)) == list(value)
        for field, value in (("command", declared.command), ("args", declared.args))
    )


def _reference(intent: Intent, image: Image) -> str:
    registry = intent.graph.platform.registry if image.registry is None else image.registry
    name = f"{registry}/{image.name}" if registry else image.name
    tag = f":{image.tag}" if image.tag else ""
    return f"{name}{tag}@{image.digest}" if image.digest else f"{name}{tag}"


def _commands(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    for pods in declared_pods(intent, evidence):
        wanted: Process | Job | Service | Component = pods.part or pods.node.service
        if pods.part is None and wanted.command is None and wanted.args is None:
            wanted = pods.node.component
        for field, value in (("command", wanted.command), ("args", wanted.args)):
            if value is None or any("{{" in text for text in value):
                continue
            if not any(texts(each.body.get(field)) == list(value) for each in pods.main):
                message = f"{pods.workload.key} is declared with {field} {' '.join(value)}, which no container has"
                where = evidence.locate(pods.workload.pod_place.at("containers"))
                yield COMMAND.finding(message, where, subject=str(pods.workload.key))


def _variables(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    for pods in declared_pods(intent, evidence):
        found = {variable.name: variable for each in reversed(pods.main) for variable in each.env}
        if any(each.body.get("envFrom") for each in pods.main):
            continue  # What it brings is not known here.
        own = pods.part.env if pods.part else {}
        plain = {name: _filled(text, pods.node) for name, text in {**pods.node.env, **own}.items()}
        faults = [_plain_fault(name, text, found.get(name)) for name, text in plain.items()]
        secrets = {**pods.node.component.secrets, **pods.node.service.secrets}
        faults += [_secret_fault(name, reference, found.get(name)) for name, reference in secrets.items()]
        for fault in filter(None, faults):
            where = evidence.locate(pods.main[0].place if pods.main else pods.workload.pod_place)
            yield VARIABLE.finding(f"{pods.workload.key}: {fault}", where, subject=str(pods.workload.key))


_PORT = re.compile(r"\{\{\s*ports\.([a-z0-9-]+)\.port\s*\}\}")


def _filled(text: str, node: Node) -> str:
    """The text with the numbers of the node's own ports in it; other expressions stay as they are."""
    return _PORT.sub(lambda m: str(node.ports[m[1]].port) if m[1] in node.ports else m[0], text)


def _plain_fault(name: str, text: str, found: EnvVar | None) -> str:
    if found is None:
        return f"variable {name} is declared and missing"
    differs = "{{" not in text and "{%" not in text and found.value != text
    return f"variable {name} is not what is declared" if differs else ""


def _secret_fault(name: str, reference: str, found: EnvVar | None) -> str:
    secret, _, key = reference.partition("/")
    same = found is not None and (found.source_kind, found.source_name, found.source_key) == ("Secret", secret, key)
    if not same:
        return f"variable {name} does not come from key {key} of Secret {secret}, as is declared"
    return f"variable {name} may be missing: its Secret is optional" if found and found.optional else ""


def _mounts(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    yield from _contents(intent, evidence)
    for pods in declared_pods(intent, evidence):
        mounted = {
            str(mount.get("mountPath")).rstrip("/")
            for each in pods.main
            for key in ("volumeMounts", "volumeDevices")
            for _, mount in maps(each.body.get(key))
        }
        for path in _declared_paths(pods):
            if not any(_is_at(path, each) for each in mounted):
                message = f"{pods.workload.key}: nothing is mounted at {path}, as is declared"
                where = evidence.locate(pods.workload.pod_place)
                yield MOUNT.finding(message, where, subject=str(pods.workload.key))
        yield from _without_tmp(evidence, pods)


def _without_tmp(evidence: Evidence, pods: DeclaredPods) -> Iterator[Finding]:
    """Sidecars and init containers that can write nowhere: the topology gives each of them a /tmp."""
    for each in pods.workload.containers:
        mounted = {str(mount.get("mountPath")).rstrip("/") for _, mount in maps(each.body.get("volumeMounts"))}
        closed = part(each.body, "securityContext", "readOnlyRootFilesystem") is True
        if each.name in pods.beside and closed and "/tmp" not in mounted:
            message = f"{pods.workload.key}: container {each.name} has a read-only root and nothing mounted at /tmp"
            yield MOUNT.finding(message, evidence.locate(each.place), subject=str(pods.workload.key))


def _contents(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    """Files whose text the topology declares, against the ConfigMaps that are mounted there."""
    held = {(each.key.namespace, each.key.name): each.data for each in evidence.facts.keyed if each.data}
    for pods in declared_pods(intent, evidence):
        maps_of = {
            str(volume.get("name")): held.get((pods.workload.key.namespace, str(part(volume, "configMap", "name"))), {})
            for _, volume in maps(pods.workload.pod_spec.get("volumes"))
        }
        files: dict[str, str | None]
        files = {path: _shape(text, pods.node) for path, text in pods.node.component.files.items()}
        files |= {
            path: re.escape(file.content) if file.content is not None else None
            for path, file in pods.node.service.files.items()
        }
        for path, shape in files.items():
            for mount in (mount for each in pods.main for _, mount in maps(each.body.get("volumeMounts"))):
                data = maps_of.get(str(mount.get("name")), {}) if shape is not None else {}
                found = data.get(str(mount.get("subPath") or path.rpartition("/")[2]))
                at = _is_at(path, str(mount.get("mountPath")))
                if at and shape is not None and found is not None and not re.fullmatch(shape, found, re.DOTALL):
                    where = evidence.locate(pods.workload.pod_place)
                    message = f"{pods.workload.key}: the file {path} is not what is declared"
                    yield MOUNT.finding(message, where, subject=str(pods.workload.key))


_LOGIC = re.compile(r"\s*\{%.*%\}\s*", re.DOTALL)
_FILLED_LATER = re.compile(r"(\{\{.*?\}\})")


def _shape(text: str, node: Node) -> str:
    """A pattern of what a file of the component holds: expressions, conditions and loops stand for any text."""
    pieces = _FILLED_LATER.split(_LOGIC.sub("{{}}", _filled(text, node)))
    return "".join(".*" if piece.startswith("{{") else re.escape(piece) for piece in pieces)


def _declared_paths(pods: DeclaredPods) -> list[str]:
    node = pods.node
    found = [*node.writable, *(volume.path for volume in node.volumes.values())]
    if node.component.read_only_root is False:
        found = [path for path in found if path not in node.writable]
    if node.storage and node.storage.path and pods.process == "main":
        found.append(node.storage.path)
    return [path.rstrip("/") for path in (*found, *node.component.files, *node.service.files)]


def _is_at(path: str, mounted: str) -> bool:
    """Mounted there itself, or as a file in a folder that is mounted."""
    return path == mounted or path.rpartition("/")[0] == mounted


_PROBES = {"startup": "startupProbe", "readiness": "readinessProbe", "liveness": "livenessProbe"}


def _probes(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    for pods in declared_pods(intent, evidence):
        probes = pods.node.probes if pods.process == "main" else None
        process = pods.node.processes.get(pods.process)
        probes = process.probes if process else probes
        for kind, field in _PROBES.items():
            wanted: HttpProbe | None = getattr(probes, kind, None)
            if wanted is not None and not any(_asks(pods, each, field, wanted) for each in pods.main):
                message = f"{pods.workload.key}: its {kind} probe is not the declared one"
                where = evidence.locate(pods.workload.pod_place.at("containers"))
                yield PROBES.finding(message, where, subject=str(pods.workload.key))


def _asks(pods: DeclaredPods, container: Container, field: str, wanted: HttpProbe) -> bool:
    probe = container.body.get(field)
    if wanted.exec is not None:
        return texts(part(probe, "exec", "command")) == list(wanted.exec)
    way = "httpGet" if wanted.http is not None else "tcpSocket"
    if part(probe, way) is None or (wanted.http is not None and part(probe, way, "path") != wanted.http):
        return False
    asked, name = part(probe, way, "port"), wanted.port or pods.node.primary
    numbers = {port.name: port.number for port in container.ports}
    number = numbers.get(asked) if isinstance(asked, str) else asked
    return name not in pods.node.ports or number in (None, pods.node.ports[name].port)


def _graces(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    for pods in declared_pods(intent, evidence):
        given = pods.workload.pod_spec.get("terminationGracePeriodSeconds")
        wanted = pods.node.component.rollout.grace
        if isinstance(given, int) and given < wanted:
            message = f"{pods.workload.key} has {given} s to end; its component needs {wanted}"
            where = evidence.locate(pods.workload.pod_place.at("terminationGracePeriodSeconds"))
            yield GRACE.finding(message, where, subject=str(pods.workload.key))


CHECKS: tuple[Check, ...] = (
    BothCheck(IMAGE, _images),
    BothCheck(COMMAND, _commands),
    BothCheck(VARIABLE, _variables),
    BothCheck(MOUNT, _mounts),
    BothCheck(PROBES, _probes),
    BothCheck(GRACE, _graces),
)
