"""Entries of secret stores: what External Secrets reads for which tenant pod."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from solutio_topology.checks.isolation.breach import Breach
from solutio_topology.checks.isolation.tenants import Tenants
from solutio_topology.checks.walk import closest, maps, part, texts
from solutio_topology.checks.wiring_rules import read_selector
from solutio_topology.reach.labels import matches

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Object, Place

GROUP = "external-secrets.io"
_WRITES = "PushSecret"


class Entry(Struct, frozen=True):
    """An entry of a store that an object reads (or writes) for a tenant pod, into the Secret of a name.

    `find`: not one entry but all whose names begin with `key` and match it.
    """

    pod: str
    store: str
    key: str
    secret: str
    source: Object
    place: Place
    find: re.Pattern[str] | None = None

    def covers(self, other: Entry) -> bool:
        """Whether this reads what the other reads."""
        if self.store != other.store:
            return False
        if self.find is None or other.find is not None:
            return self.key == other.key
        return other.key.startswith(self.key) and bool(self.find.search(other.key))


def entries(tenants: Tenants) -> tuple[Entry, ...]:
    """Every entry that the manifests read, in their order."""
    return tenants.once("store entries", lambda: tuple(_entries(tenants)))


def _entries(tenants: Tenants) -> Iterator[Entry]:
    for each in tenants.evidence.of_kind("ExternalSecret", GROUP):
        yield from _read(each, tenants.of(each), each.key.namespace, each.body.get("spec"), each.place.at("spec"))
    for each in tenants.evidence.of_kind("ClusterExternalSecret", GROUP):
        spec = part(each.body, "spec", "externalSecretSpec")
        for namespace in _chosen(tenants, each):
            owner = tenants.of_namespace(namespace)
            yield from _read(each, owner, namespace, spec, each.place.at("spec", "externalSecretSpec"))
    for each in tenants.evidence.of_kind(_WRITES, GROUP):
        for index, item in maps(part(each.body, "spec", "data")):
            key, place = part(item, "match", "remoteRef", "remoteKey"), each.place.at("spec", "data", index)
            for _, ref in maps(part(each.body, "spec", "secretStoreRefs")):
                yield Entry(tenants.of(each), _store(ref, each.key.namespace), str(key), each.key.name, each, place)


def _chosen(tenants: Tenants, source: Object) -> list[str]:
    """The namespaces in which a ClusterExternalSecret makes its Secret."""
    spec = part(source.body, "spec")
    selectors = [part(spec, "namespaceSelector"), *(item for _, item in maps(part(spec, "namespaceSelectors")))]
    read = [read_selector(each) for each in selectors if isinstance(each, dict)]
    named = set(texts(part(spec, "namespaces")))
    known = tenants.evidence.facts.namespaces
    return [name for name, labels in known.items() if name in named or any(matches(each, labels) for each in read)]


def _read(source: Object, pod: str, namespace: str, spec: Any, place: Place) -> Iterator[Entry]:
    store = part(spec, "secretStoreRef")
    secret = str(part(spec, "target", "name") or part(spec, "externalSecretName") or source.key.name)
    for index, item in maps(part(spec, "data")):
        own = part(item, "sourceRef", "storeRef") or store
        key = str(part(item, "remoteRef", "key"))
        yield Entry(pod, _store(own, namespace), key, secret, source, place.at("data", index, "remoteRef"))
    for index, item in maps(part(spec, "dataFrom")):
        where = place.at("dataFrom", index)
        named = _store(part(item, "sourceRef", "storeRef") or store, namespace)
        if (key := part(item, "extract", "key")) is not None:
            yield Entry(pod, named, str(key), secret, source, where)
        if isinstance(find := part(item, "find"), dict):
            pattern = _pattern(part(find, "name", "regexp"))
            yield Entry(pod, named, str(find.get("path") or ""), secret, source, where, pattern)


def _store(ref: Any, namespace: str) -> str:
    kind, name = part(ref, "kind") or "SecretStore", part(ref, "name")
    return f"{kind} {name}" if kind == "ClusterSecretStore" else f"{kind} {namespace}/{name}"


def _pattern(text: Any) -> re.Pattern[str]:
    """The expression, or where it is none that can be read here, one that matches all: better one too many."""
    try:
        return re.compile(text if isinstance(text, str) else "")
    except re.error:
        return re.compile("")


def shared_entries(tenants: Tenants) -> Iterator[Breach]:
    """Entries that are read for a dedicated tenant pod and for another one, unless its tier says that it shares it."""
    for pod, own, other in met(tenants):
        if own.secret in tenants.dedicated[pod].tier.isolation.shared_secrets:
            continue
        shown = other.key if own.find is not None else own.key
        yield Breach(
            pod,
            f"{own.source.key} of {pod} and {other.source.key} of {other.pod} have one entry of the store: {shown} "
            f"({own.store})",
            tenants.evidence.where(own.place),
            str(own.source.key),
            (tenants.fact(f"{other.source.key} has it, too", other.place),),
        )


def met(tenants: Tenants) -> tuple[tuple[str, Entry, Entry], ...]:
    """The entries of dedicated tenant pods that another tenant pod has, too, each with the first that has it."""
    return tenants.once("shared store entries", lambda: tuple(_met(tenants)))


def _met(tenants: Tenants) -> Iterator[tuple[str, Entry, Entry]]:
    by_key: dict[tuple[str, str], list[Entry]] = {}
    finds = [each for each in entries(tenants) if each.find is not None]
    for entry in entries(tenants):
        by_key.setdefault((entry.store, entry.key), []).append(entry)
    told = set()
    for entry in entries(tenants):
        near = by_key[entry.store, entry.key] if entry.find is None else entries(tenants)
        apart = (each for each in (*near, *finds) if entry.pod in tenants.apart((entry.pod, each.pod)))
        other = next((each for each in apart if _meet(entry, each)), None)
        if other is not None and (entry.source.key, entry.key) not in told:
            told.add((entry.source.key, entry.key))
            yield entry.pod, entry, other


def _meet(one: Entry, other: Entry) -> bool:
    return one.covers(other) or other.covers(one)


def unread_shares(tenants: Tenants) -> Iterator[Breach]:
    """Secrets that a tier says it shares and that none of its tenant pods reads from an entry of another's."""
    shared: dict[str, set[str]] = {}
    for pod, own, _ in met(tenants):
        shared.setdefault(tenants.dedicated[pod].tier_name, set()).add(own.secret)
    for name in dict.fromkeys(pod.tier_name for pod in tenants.dedicated.values()):
        first = next(each for each in tenants.dedicated.values() if each.tier_name == name)
        for index, secret in enumerate(first.tier.isolation.shared_secrets):
            if secret not in shared.get(name, ()):
                yield Breach(
                    first.pod,
                    f"tier {name} shares the Secret {secret}, and none of its tenant pods reads another's entry of it"
                    f"{closest(secret, (each.secret for each in entries(tenants)))}",
                    tenants.intent.where(f"tiers.{name}.isolation.sharedSecrets.{index}"),
                    f"Secret {secret} of tier {name}",
                )
