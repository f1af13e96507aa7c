"""ConfigMaps and Secrets by their keys, and what will make Secrets: values of Secrets are never kept."""

from __future__ import annotations

from solutio_topology.manifests.collect import Collector
from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import Key, KeyedObject, Object


def read_config_map(source: Object, at: Cursor, into: Collector) -> None:
    """A ConfigMap with its literal data."""
    data = at.labels("data")
    keys = (*data, *at.keys("binaryData"))
    into.keyed.append(KeyedObject(source.key, keys, data, into.maker, source.place, into.assumption))


def read_secret(source: Object, at: Cursor, into: Collector) -> None:
    """A Secret, encrypted by SOPS or not: its keys."""
    keys = dict.fromkeys((*at.keys("data"), *at.keys("stringData")))
    into.keyed.append(KeyedObject(source.key, tuple(keys), {}, into.maker, source.place, into.assumption))


def read_external_secret(source: Object, at: Cursor, into: Collector) -> None:
    """An ExternalSecret makes a Secret; with dataFrom or templates from elsewhere its keys are not known from here."""
    spec = at.get("spec")
    target = spec.get("target")
    if target.text("creationPolicy") == "None":
        return  # It makes nothing: the value is for a generator or a check.
    _made(target.text("name") or source.key.name, _external_keys(spec, target.get("template")), source, into)


def _external_keys(spec: Cursor, template: Cursor) -> tuple[str, ...] | None:
    if spec.get("dataFrom").value or template.get("templateFrom").value:
        return None
    fetched = tuple(item.text("secretKey") for item in spec.items("data"))
    templated = template.keys("data")
    if template.text("mergePolicy", "Replace") == "Merge":
        return tuple(dict.fromkeys((*fetched, *templated)))
    return templated or fetched


def read_sealed_secret(source: Object, at: Cursor, into: Collector) -> None:
    """A SealedSecret makes a Secret of its own name, with the keys that are sealed and those of its template."""
    spec = at.get("spec")
    keys = (*spec.keys("encryptedData"), *spec.get("template").keys("data"))
    _made(source.key.name, tuple(dict.fromkeys(keys)), source, into)


_KEYSTORES = {"jks": ("keystore.jks", "truststore.jks"), "pkcs12": ("keystore.p12", "truststore.p12")}
_FORMATS = {"CombinedPEM": "tls-combined.pem", "DER": "key.der"}


def read_certificate(source: Object, at: Cursor, into: Collector) -> None:
    """A Certificate makes a Secret of type kubernetes.io/tls, with the keystores and formats that it asks for.

    Source: the API of cert-manager 1.21, CertificateSpec.
    """
    spec = at.get("spec")
    keys = ["tls.crt", "tls.key", "ca.crt"]
    for kind, names in _KEYSTORES.items():
        keys += names if spec.get("keystores", kind).flag("create") else ()
    formats = [item.text("type") for item in spec.items("additionalOutputFormats")]
    keys += [_FORMATS[kind] for kind in formats if kind in _FORMATS]
    _made(spec.text("secretName"), tuple(keys), source, into)


def _made(name: str, keys: tuple[str, ...] | None, source: Object, into: Collector) -> None:
    key = Key("", "Secret", source.key.namespace, name)
    into.keyed.append(KeyedObject(key, keys, {}, str(source.key), source.place, into.assumption))
