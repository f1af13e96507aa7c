"""ConfigMaps and Secrets by their keys, and what will make Secrets: values of Secrets are never kept."""

from __future__ import annotations

from solutio_topology.manifests.collect import Collector
from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import Key, KeyedObject, Object


def read_config_map(source: Object, at: Cursor, into: Collector) -> None:
    """A ConfigMap with its literal data."""
    data = at.labels("data")
    keys = (*data, *at.labels("binaryData"))
    into.keyed.append(KeyedObject(source.key, keys, data, "", source.place, into.assumption))


def read_secret(source: Object, at: Cursor, into: Collector) -> None:
    """A Secret, encrypted by SOPS or not: its keys."""
    keys = [key for field in ("data", "stringData") if isinstance(at.get(field).value, dict) for key in at.value[field]]
    into.keyed.append(KeyedObject(source.key, tuple(dict.fromkeys(keys)), {}, "", source.place, into.assumption))


def read_external_secret(source: Object, at: Cursor, into: Collector) -> None:
    """An ExternalSecret makes a Secret; with dataFrom or templated data its keys are not known from here."""
    spec = at.get("spec")
    name = spec.get("target").text("name") or source.key.name
    template = spec.get("target", "template")
    open_ended = any(
        bool(found.value) for found in (spec.get("dataFrom"), template.get("data"), template.get("templateFrom"))
    )
    keys = None if open_ended else tuple(item.text("secretKey") for item in spec.items("data"))
    key = Key("", "Secret", source.key.namespace, name)
    into.keyed.append(KeyedObject(key, keys, {}, str(source.key), source.place, into.assumption))


def read_certificate(source: Object, at: Cursor, into: Collector) -> None:
    """A Certificate makes a Secret of type kubernetes.io/tls."""
    key = Key("", "Secret", source.key.namespace, at.get("spec").text("secretName"))
    keys = ("tls.crt", "tls.key", "ca.crt")
    into.keyed.append(KeyedObject(key, keys, {}, str(source.key), source.place, into.assumption))
