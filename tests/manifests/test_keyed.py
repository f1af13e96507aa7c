from __future__ import annotations

import pytest

from solutio_topology.manifests.facts import KeyedObject

from .reading import document, facts_of, notes_of

HIDDEN = "c2VjcmV0LXZhbHVl"


def _keyed(text: str) -> KeyedObject:
    (found,) = facts_of(text).keyed
    return found


def test_a_config_map_keeps_its_data() -> None:
    found = _keyed("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: '1'}\nbinaryData: {b: AAAA}\n")
    assert (found.keys, found.data, found.maker) == (("a", "b"), {"a": "1"}, "")


def test_a_secret_has_keys_and_never_a_value() -> None:
    text = (
        f"apiVersion: v1\nkind: Secret\nmetadata: {{name: x}}\ndata: {{a: {HIDDEN}}}\n"
        f"stringData: {{a: z, b: {HIDDEN}}}\nsops: {{mac: ENC, version: 3.9.0}}\n"
    )
    found = _keyed(text)
    assert (found.keys, found.data) == (("a", "b"), {})
    assert HIDDEN not in repr(found)


def test_wrong_data_is_said_without_its_value() -> None:
    text = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: x}}\ndata: [{HIDDEN}]\n"
    assert notes_of(text) == ["4:7 data must be a map, not a list"]


@pytest.mark.parametrize(
    ("spec", "name", "keys"),
    [
        ("data: [{secretKey: a}, {secretKey: b}]", "x", ("a", "b")),
        ("target: {name: other}\ndata: [{secretKey: a}]", "other", ("a",)),
        ("dataFrom: [{extract: {key: k}}]", "x", None),
        ("target: {template: {templateFrom: [{}]}}\ndata: [{secretKey: a}]", "x", None),
        ("target: {template: {data: {url: t}}}\ndata: [{secretKey: a}]", "x", ("url",)),
        ("target: {template: {mergePolicy: Merge, data: {url: t}}}\ndata: [{secretKey: a}]", "x", ("a", "url")),
    ],
)
def test_an_external_secret(spec: str, name: str, keys: tuple[str, ...] | None) -> None:
    found = _keyed(document("ExternalSecret", spec, version="external-secrets.io/v1"))
    assert (found.key.kind, found.key.name, found.keys, found.maker) == (
        "Secret",
        name,
        keys,
        "ExternalSecret default/x",
    )


def test_a_certificate_and_what_it_asks_for_besides() -> None:
    plain = _keyed(document("Certificate", "secretName: tls", version="cert-manager.io/v1"))
    assert (plain.key.name, plain.keys) == ("tls", ("tls.crt", "tls.key", "ca.crt"))
    spec = "secretName: tls\nkeystores: {pkcs12: {create: true}, jks: {}}\nadditionalOutputFormats: [{type: DER}]"
    more = _keyed(document("Certificate", spec, version="cert-manager.io/v1"))
    assert more.keys == ("tls.crt", "tls.key", "ca.crt", "keystore.p12", "truststore.p12", "key.der")


def test_a_sealed_secret() -> None:
    spec = "encryptedData: {a: AgB}\ntemplate: {data: {b: c}}"
    found = _keyed(document("SealedSecret", spec, version="bitnami.com/v1alpha1"))
    assert (found.key.name, found.keys) == ("x", ("a", "b"))
