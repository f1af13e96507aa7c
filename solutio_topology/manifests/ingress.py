"""Ingresses and IngressClasses."""

from __future__ import annotations

from collections.abc import Iterator

from solutio_topology.manifests.collect import Collector
from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import Backend, Ingress, IngressClass, IngressRule, Object, TlsBlock

CLASS_ANNOTATION = "kubernetes.io/ingress.class"
DEFAULT_ANNOTATION = "ingressclass.kubernetes.io/is-default-class"


def read_ingress(source: Object, at: Cursor, into: Collector) -> None:
    """An Ingress: one rule per host and path, the default backend as one without either."""
    spec = at.get("spec")
    into.ingresses.append(
        Ingress(
            key=source.key,
            labels={**into.identity, **source.labels},
            annotations=source.annotations,
            ingress_class=spec.text("ingressClassName") or source.annotations.get(CLASS_ANNOTATION, ""),
            rules=tuple(_rules(spec, source.key.namespace)),
            tls=tuple(
                TlsBlock(block.texts("hosts"), block.text("secretName"), block.place) for block in spec.items("tls")
            ),
            place=source.place,
        )
    )


def _rules(spec: Cursor, namespace: str) -> Iterator[IngressRule]:
    for rule in spec.items("rules"):
        for path in rule.get("http").items("paths"):
            backend = _backend(path.get("backend"), namespace)
            kind = path.text("pathType", "ImplementationSpecific")
            yield IngressRule(rule.text("host"), path.text("path", "/"), kind, backend, path.place)
    for field in ("defaultBackend", "backend"):
        default = spec.get(field)
        if default:
            yield IngressRule("", "", "", _backend(default, namespace), default.place)


def _backend(at: Cursor, namespace: str) -> Backend:
    """A backend, in the form of networking.k8s.io/v1 or in that of the beta versions before it."""
    service = at.get("service")
    if not service:
        if at.get("resource"):
            at.note("a backend that is no Service cannot be followed", "use a Service")
        return Backend(at.text("serviceName"), namespace, at.number_or_name("servicePort"), at.place)
    port = service.get("port")
    number = port.number("number") or port.text("name") or None
    return Backend(service.text("name"), namespace, number, at.place)


def read_ingress_class(source: Object, at: Cursor, into: Collector) -> None:
    """An IngressClass and its controller."""
    into.ingress_classes.append(
        IngressClass(
            name=source.key.name,
            controller=at.get("spec").text("controller"),
            is_default=source.annotations.get(DEFAULT_ANNOTATION) == "true",
            place=source.place,
            assumed=into.assumption,
        )
    )
