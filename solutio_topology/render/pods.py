"""Pod templates: containers, probes, security, volumes, placement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solutio_topology.graph.model import EnvironmentGraph, Node
from solutio_topology.identity import PROCESS
from solutio_topology.render import bindings, template
from solutio_topology.render.model import Body
from solutio_topology.render.names import (
    content_hash,
    namespace,
    node_labels,
    object_name,
    placement_constraints,
    pod_selector,
)
from solutio_topology.spec.workload import Container, HttpProbe, Image, Port, Probes, Process, Resources

FILES_HASH = "topology.solutio.dev/files"


def template_names(graph: EnvironmentGraph, node: Node) -> dict[str, Any]:
    """The names that the catalogue's templates can use for a node."""
    return {
        "name": object_name(node),
        "namespace": namespace(graph, node.ref),
        "pod": node.ref.pod,
        "environment": graph.name,
        "platform": graph.platform,
        "service": node.service,
        "settings": node.settings,
        "ports": node.ports,
        "replicas": node.min_replicas,
        "zone": graph.environment.zone,
    }


def image(graph: EnvironmentGraph, given: Image) -> str:
    """The image's full reference."""
    registry = graph.platform.registry if given.registry is None else given.registry
    name = f"{registry}/{given.name}" if registry else given.name
    tag = f":{given.tag}" if given.tag else ""
    return f"{name}{tag}@{given.digest}" if given.digest else f"{name}{tag}"


def own_image(node: Node) -> Image:
    """The image of a service: its own, else its component's. Raises RenderError where neither names one."""
    found = node.service.image or node.component.image
    if found is None:
        raise template.RenderError(
            f"{node.pointer}: no image is named, and the component {node.component_name} has none",
            remedy=f"add to {node.pointer}: image: {{name: …, tag: …}}",
        )
    return found


def resources(given: Resources | None) -> Body:
    """Requests and limits. Memory has a limit; CPU has one only where it is asked for."""
    if given is None:
        return {}
    limits = {"memory": given.memory_limit or given.memory, "ephemeral-storage": given.ephemeral}
    if given.cpu_limit:
        limits = {"cpu": given.cpu_limit, **limits}
    return {"requests": {"cpu": given.cpu, "memory": given.memory}, "limits": limits}


def pod_template(graph: EnvironmentGraph, node: Node, process: str, part: Process | None = None) -> Body:
    """The template of a process's pods; `part` is what a process other than the main one declares."""
    labels = {**node_labels(graph, node), PROCESS: process, **_pinned_labels(node, process)}
    metadata: Body = {"labels": labels}
    annotations = {FILES_HASH: content_hash(found, graph.pod(node.ref.pod))} if (found := files(graph, node)) else {}
    annotations |= _scraping(graph, node) if part is None else {}
    if annotations:
        metadata["annotations"] = annotations
    return {"metadata": metadata, "spec": pod_spec(graph, node, process, part)}


def _scraping(graph: EnvironmentGraph, node: Node) -> dict[str, str]:
    """What tells the platform's scraper where the metrics are."""
    metrics = node.service.metrics or node.component.metrics
    if graph.platform.scraper is None or metrics is None or metrics.port not in node.ports:
        return {}
    port = str(node.ports[metrics.port].port)
    return {"prometheus.io/scrape": "true", "prometheus.io/port": port, "prometheus.io/path": metrics.path}


def _pinned_labels(node: Node, process: str) -> dict[str, str]:
    pin = node.service.pin
    return dict(pin.selector) if pin and pin.selector and process == "main" else {}


def pod_spec(
    graph: EnvironmentGraph, node: Node, process: str, part: Process | None = None, *, account: str | None = None
) -> Body:
    """The pod spec of a process."""
    selector, tolerations = placement_constraints(graph, node.pool)
    spec: Body = {
        "serviceAccountName": account or object_name(node),
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
    }
    if graph.platform.pull_secret and _uses_own_registry(node):
        spec["imagePullSecrets"] = [{"name": graph.platform.pull_secret}]
    spec["securityContext"] = _pod_security(node)
    if node.component.host_network:
        spec |= {"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"}
    if selector:
        spec["nodeSelector"] = selector
    if tolerations:
        spec["tolerations"] = tolerations
    spec |= _spreading(node, process)
    spec["terminationGracePeriodSeconds"] = node.component.rollout.grace
    init = [_side_container(graph, node, name, each) for name, each in node.service.init.items()]
    if init:
        spec["initContainers"] = init
    spec["containers"] = [_main_container(graph, node, process, part)]
    if process == "main":
        spec["containers"] += [_side_container(graph, node, name, each) for name, each in node.service.sidecars.items()]
    if volumes := list(_volumes(graph, node)):
        spec["volumes"] = volumes
    return spec


def _uses_own_registry(node: Node) -> bool:
    given = node.service.image or node.component.image
    return given is not None and given.registry is None


def _pod_security(node: Node) -> Body:
    found: Body = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    if node.user:
        found |= {"runAsUser": node.user.uid, "runAsGroup": node.user.gid, "fsGroup": node.user.gid}
        found["fsGroupChangePolicy"] = "OnRootMismatch"
    return found


def _spreading(node: Node, process: str) -> Body:
    selected = {"matchLabels": pod_selector(node, process)}
    if node.component.one_per_node:
        term = {"labelSelector": selected, "topologyKey": "kubernetes.io/hostname"}
        return {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}}
    spread = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": selected,
    }
    return {"topologySpreadConstraints": [spread]}


def _main_container(graph: EnvironmentGraph, node: Node, process: str, part: Process | None) -> Body:
    service, component = node.service, node.component
    is_main = part is None
    command = (service.command or component.command) if part is None else part.command
    args = (service.args or component.args) if part is None else part.args
    if part is None and service.command and not service.args:
        args = None
    ports = node.ports if part is None else part.ports
    body: Body = {"name": process if process != "main" else object_name(node)}
    body["image"] = image(graph, own_image(node))
    body["imagePullPolicy"] = "IfNotPresent"
    if command:
        body["command"] = list(command)
    if args:
        body["args"] = list(args)
    hidden = _hidden(graph, node) if is_main else set()
    if found := [each for name, port in ports.items() if name not in hidden for each in _port(node, name, port)]:
        body["ports"] = found
    if env := environment(graph, node, process, {} if part is None else part.env):
        body["env"] = env
    size = graph.topology.sizes.get(part.size) if part and part.size else node.resources
    body["resources"] = resources(size)
    body |= _probes(node, node.probes if is_main else part.probes if part else None)
    body["securityContext"] = _container_security(node)
    if mounts := list(_mounts(graph, node)):
        body["volumeMounts"] = mounts
    return body


def _hidden(graph: EnvironmentGraph, node: Node) -> set[str]:
    """Ports that the main container does not declare: a sidecar's, and on the node's network what nobody asks for."""
    carried = {name for each in node.service.sidecars.values() for name in each.ports}
    if not node.component.host_network:
        return carried
    asked = {probe.port for kind in ("startup", "readiness", "liveness") if (probe := getattr(node.probes, kind, None))}
    metrics = node.service.metrics or node.component.metrics
    asked |= {metrics.port} if metrics and graph.platform.scraper else set()
    return carried | {name for name, port in node.ports.items() if port.private and name not in asked}


def _port(node: Node, name: str, port: Port) -> Iterator[Body]:
    if port.end_port:
        return  # A range is the node's: Kubernetes has no way to declare it.
    body: Body = {"name": name, "containerPort": port.port, "protocol": port.protocol}
    if node.component.host_network:
        body["hostPort"] = port.port
    yield body


def environment(graph: EnvironmentGraph, node: Node, process: str, more: dict[str, str]) -> list[Body]:
    """The environment of a process: bindings and secrets first, so that plain values can refer to them.

    Only the component's values are templates: what the topology says is taken as it stands.
    """
    names = template_names(graph, node)
    bound = [variable.body() for variable in bindings.variables(graph, node, process)]
    known = {body["name"] for body in bound}
    filled = {
        key: template.fill(value, names, f"component {node.component_name}, env.{key}")
        for key, value in node.component.env.items()
    }
    plain = {key: value for key, value in {**filled, **node.service.env, **more}.items() if value != template.OMIT}
    return bound + [{"name": key, "value": value} for key, value in plain.items() if key not in known]


def _probes(node: Node, given: Probes | None) -> Body:
    if given is None:
        return {}
    found = {
        f"{kind}Probe": _probe(node, probe)
        for kind in ("startup", "readiness", "liveness")
        if (probe := getattr(given, kind)) is not None
    }
    return dict(found)


def _probe(node: Node, probe: HttpProbe) -> Body:
    port = probe.port or node.primary
    timing = {"periodSeconds": probe.period, "timeoutSeconds": probe.timeout, "failureThreshold": probe.failures}
    if probe.exec is not None:
        return {"exec": {"command": list(probe.exec)}, **timing}
    if probe.tcp:
        return {"tcpSocket": {"port": port}, **timing}
    request: Body = {"path": probe.http, "port": port}
    if probe.headers:
        request["httpHeaders"] = [{"name": name, "value": value} for name, value in probe.headers.items()]
    return {"httpGet": request, **timing}


def _container_security(node: Node) -> Body:
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": node.component.read_only_root,
        "capabilities": {"drop": ["ALL"]},
    }


def _side_container(graph: EnvironmentGraph, node: Node, name: str, given: Container) -> Body:
    body: Body = {"name": name, "image": image(graph, given.image or own_image(node))}
    body["imagePullPolicy"] = "IfNotPresent"
    if given.command:
        body["command"] = list(given.command)
    if given.args:
        body["args"] = list(given.args)
    if given.ports:
        body["ports"] = [each for key, port in given.ports.items() for each in _port(node, key, port)]
    env: list[Body] = [{"name": key, "value": value} for key, value in given.env.items()]
    for key, reference in given.secrets.items():
        secret, _, part = reference.partition("/")
        env.append({"name": key, "valueFrom": {"secretKeyRef": {"name": secret, "key": part}}})
    if env:
        body["env"] = env
    body["resources"] = resources(given.resources or Resources(cpu="50m", memory="64Mi"))
    body["securityContext"] = _container_security(node)
    mounts = [{"name": key, "mountPath": node.volumes[key].path} for key in given.mounts if key in node.volumes]
    if node.component.read_only_root:
        mounts.append({"name": "tmp", "mountPath": "/tmp"})
    if mounts:
        body["volumeMounts"] = mounts
    return body


def files(graph: EnvironmentGraph, node: Node) -> dict[str, str]:
    """The text files of a node by path: the component's with their templates filled, the topology's as they stand."""
    names = template_names(graph, node)
    known = {
        path: template.fill(text, names, f"component {node.component_name}, files.{path}")
        for path, text in node.component.files.items()
        if path not in node.service.files
    }
    own = {path: file.content for path, file in node.service.files.items() if file.content is not None}
    return {**known, **own}


def file_key(path: str) -> str:
    """The key of a file in its ConfigMap: unique per path."""
    return path.strip("/").replace("/", ".")


def _secret_files(node: Node) -> dict[str, tuple[str, str]]:
    """Files that are keys of Secrets: path → (secret, key)."""
    found = {}
    for path, file in node.service.files.items():
        if file.secret:
            secret, _, key = file.secret.partition("/")
            found[path] = (secret, key)
    return found


def _volume_name(secret: str) -> str:
    """The volume of a Secret: a DNS label, which a Secret's name need not be."""
    return f"secret-{secret.replace('.', '-')}"[:63].rstrip("-")


def _writable(node: Node) -> dict[str, str]:
    """Writable folders by the name of their volume. ``/tmp`` is there whenever a sidecar may need it."""
    folders = list(node.writable)
    if (node.service.init or node.service.sidecars) and "/tmp" not in folders:
        folders.append("/tmp")
    return {path.strip("/").replace("/", "-").replace(".", "").replace("_", "-").lower(): path for path in folders}


def _mounts(graph: EnvironmentGraph, node: Node) -> Iterator[Body]:
    for path in files(graph, node):
        yield {"name": "files", "mountPath": path, "subPath": file_key(path), "readOnly": True}
    for path, (secret, key) in _secret_files(node).items():
        yield {"name": _volume_name(secret), "mountPath": path, "subPath": key, "readOnly": True}
    for name, path in _writable(node).items():
        yield {"name": name, "mountPath": path}
    for name, volume in node.volumes.items():
        yield {"name": name, "mountPath": volume.path, **({"readOnly": True} if volume.read_only else {})}
    if node.storage and node.storage.path:
        yield {"name": "data", "mountPath": node.storage.path}


def _volumes(graph: EnvironmentGraph, node: Node) -> Iterator[Body]:
    if files(graph, node):
        yield {"name": "files", "configMap": {"name": f"{object_name(node)}-files"}}
    for secret in dict.fromkeys(secret for secret, _ in _secret_files(node).values()):
        yield {"name": _volume_name(secret), "secret": {"secretName": secret}}
    if has_data_claim(node):
        yield {"name": "data", "persistentVolumeClaim": {"claimName": claim_name(node, "data")}}
    for name in _writable(node):
        yield {"name": name, "emptyDir": {"sizeLimit": "1Gi"}}
    for name, volume in node.volumes.items():
        if volume.claim:
            yield {"name": name, "persistentVolumeClaim": {"claimName": claim_name(node, name)}}
        else:
            medium = {"medium": "Memory"} if volume.memory else {}
            yield {"name": name, "emptyDir": {**medium, "sizeLimit": volume.size}}


def has_data_claim(node: Node) -> bool:
    """Whether the service's storage is a claim of its own: a StatefulSet makes its claims from a template."""
    return node.storage is not None and node.storage.path is not None and node.component.workload != "StatefulSet"


def claim_name(node: Node, volume: str) -> str:
    """The name of a volume's claim."""
    pin = node.service.pin
    return pin.claim if pin and pin.claim else f"{object_name(node)}-{volume}"
