"""Who serves the Ingresses of a class and the Gateways of a class: pods, Cilium's entity, or not known."""

from __future__ import annotations

from solutio_topology.manifests.facts import Assumption, Facts, Gateway, Ingress, IngressClass, Workload
from solutio_topology.reach.model import EntityNode, WorkloadNode
from solutio_topology.reach.wiring import Controller

INGRESS_ENTITY = EntityNode("ingress")

_CILIUM_INGRESS = "cilium.io/ingress-controller"
_CILIUM_GATEWAY = "io.cilium/gateway-controller"

# The images by which the controllers of IngressClasses are known; a mirror keeps the end of the name.
_IMAGES = {
    "k8s.io/ingress-nginx": ("ingress-nginx/controller", "ingress-nginx-controller"),
    "nginx.org/ingress-controller": ("nginx/nginx-ingress",),
    "traefik.io/ingress-controller": ("traefik",),
    "haproxy.org/ingress-controller": ("haproxytech/kubernetes-ingress",),
    "haproxy-ingress.github.io/controller": ("haproxy-ingress",),
    "ingress-controllers.konghq.com/kong": ("kong",),
}
_CLASS_FLAG = "--controller-class="

_CILIUM_BY_NAME = Assumption(
    "gateway-class-cilium",
    "the GatewayClass named cilium belongs to Cilium, whose Gateways reach pods as the entity ingress",
    "docs.cilium.io, Gateway API: the Helm value gatewayAPI.enabled creates the class",
)


def ingress_controller(facts: Facts, ingress: Ingress) -> Controller:
    """Who serves an Ingress, by its class or the default class."""
    ingress_class = _class_of(facts, ingress)
    if ingress_class is None:
        named = f"no IngressClass named {ingress.ingress_class} is in the manifests"
        unnamed = "it names no class, and no IngressClass is the default"
        return Controller("", reason=named if ingress.ingress_class else unnamed)
    if ingress_class.controller == _CILIUM_INGRESS:
        return Controller(
            ingress_class.controller,
            entity=INGRESS_ENTITY,
            assumed=ingress_class.assumed,
            place=ingress_class.place,
        )
    nodes = _pods_of(facts, ingress_class)
    assumed = ingress_class.assumed or next(
        (each for node in nodes if (each := facts.workloads[node.index].assumed)), None
    )
    reason = "" if nodes else f"no pods of {ingress_class.controller} are in the manifests"
    return Controller(ingress_class.controller, nodes, None, assumed, reason, ingress_class.place)


def _class_of(facts: Facts, ingress: Ingress) -> IngressClass | None:
    if ingress.ingress_class:
        return next((each for each in facts.ingress_classes if each.name == ingress.ingress_class), None)
    defaults = [each for each in facts.ingress_classes if each.is_default]
    return defaults[0] if len(defaults) == 1 else None


def _pods_of(facts: Facts, ingress_class: IngressClass) -> tuple[WorkloadNode, ...]:
    """The workloads that run a controller. Several with flags: the one that serves this class."""
    return tuple(
        WorkloadNode(index, workload.key)
        for index, workload in enumerate(facts.workloads)
        if _runs(workload, ingress_class.controller)
    )


def _runs(workload: Workload, controller: str) -> bool:
    for container in workload.containers:
        flag = next((each for each in _arguments(container.body) if each.startswith(_CLASS_FLAG)), None)
        if flag is not None:
            if flag.removeprefix(_CLASS_FLAG) == controller:
                return True
            continue
        name = container.image.split("@")[0].rpartition(":")[0] or container.image.split("@")[0]
        if name.endswith(_IMAGES.get(controller, ())) and not container.init:
            return True
    return False


def _arguments(body: dict[str, object]) -> list[str]:
    found: list[str] = []
    for field in ("command", "args"):
        values = body.get(field)
        if isinstance(values, list):
            found += [each for each in values if isinstance(each, str)]
    return found


def gateway_controller(facts: Facts, gateway: Gateway) -> Controller:
    """Who serves a Gateway, by its class."""
    name = _controller_name(facts, gateway.gateway_class)
    if name == _CILIUM_GATEWAY:
        return Controller(name, entity=INGRESS_ENTITY, place=gateway.place)
    if not name and gateway.gateway_class == "cilium":
        return Controller(_CILIUM_GATEWAY, entity=INGRESS_ENTITY, assumed=_CILIUM_BY_NAME, place=gateway.place)
    known = f"the pods that {name} makes for a Gateway are not in the manifests"
    unknown = f"no GatewayClass named {gateway.gateway_class} is in the manifests"
    return Controller(name, reason=known if name else unknown, place=gateway.place)


def _controller_name(facts: Facts, gateway_class: str) -> str:
    for each in facts.objects:
        if each.key.kind == "GatewayClass" and each.key.name == gateway_class:
            spec = each.body.get("spec")
            return str(spec.get("controllerName", "")) if isinstance(spec, dict) else ""
    return ""
