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


class Controllers:
    """The controllers of some facts, found once a class."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._classes = {each.name: each for each in reversed(facts.ingress_classes)}
        defaults = [each for each in facts.ingress_classes if each.is_default]
        self._default = defaults[0] if len(defaults) == 1 else None
        self._gateway_classes = _gateway_classes(facts)
        self._found: dict[str, Controller] = {}

    def of_ingress(self, ingress: Ingress) -> Controller:
        """Who serves an Ingress, by its class or the default class."""
        name = ingress.ingress_class
        ingress_class = self._classes.get(name) if name else self._default
        if ingress_class is None:
            named = f"no IngressClass named {name} is in the manifests"
            return Controller("", reason=named if name else "it names no class, and no IngressClass is the default")
        if ingress_class.name not in self._found:
            self._found[ingress_class.name] = self._of_class(ingress_class)
        return self._found[ingress_class.name]

    def _of_class(self, ingress_class: IngressClass) -> Controller:
        name, assumed, place = ingress_class.controller, ingress_class.assumed, ingress_class.place
        if name == _CILIUM_INGRESS:
            return Controller(name, entity=INGRESS_ENTITY, assumed=assumed, place=place)
        workloads = enumerate(self._facts.workloads)
        nodes = tuple(WorkloadNode(index, each.key) for index, each in workloads if _runs(each, name))
        made = (self._facts.workloads[node.index].assumed for node in nodes)
        assumed = assumed or next((each for each in made if each), None)
        reason = "" if nodes else f"no pods of {name} are in the manifests"
        return Controller(name, nodes, None, assumed, reason, place)

    def of_gateway(self, gateway: Gateway) -> Controller:
        """Who serves a Gateway, by its class."""
        name, place = self._gateway_classes.get(gateway.gateway_class, ""), gateway.place
        if name == _CILIUM_GATEWAY:
            return Controller(name, entity=INGRESS_ENTITY, place=place)
        if not name and gateway.gateway_class == "cilium":
            return Controller(_CILIUM_GATEWAY, entity=INGRESS_ENTITY, assumed=_CILIUM_BY_NAME, place=place)
        known = f"the pods that {name} makes for a Gateway are not in the manifests"
        unknown = f"no GatewayClass named {gateway.gateway_class} is in the manifests"
        return Controller(name, reason=known if name else unknown, place=place)


def _gateway_classes(facts: Facts) -> dict[str, str]:
    """The controller of every GatewayClass."""
    found: dict[str, str] = {}
    for each in facts.everything():
        spec = each.body.get("spec") if each.key.kind == "GatewayClass" else None
        if isinstance(spec, dict):
            found.setdefault(each.key.name, str(spec.get("controllerName", "")))
    return found


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
