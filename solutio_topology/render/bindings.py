"""How the client of an edge learns the address: environment variables of plain parts and references to Secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from solutio_topology.graph.model import EnvironmentGraph, Link, Node
from solutio_topology.render.names import service_host

_PLACEHOLDER = re.compile(r"\{([a-zA-Z:_-][a-zA-Z0-9:._-]*)\}")
_PUBLIC = {"http": "https", "ws": "wss"}


class Variable(Struct, frozen=True):
    """An environment variable: literal text, or a key of a Secret."""

    name: str
    text: str = ""
    secret: str = ""
    key: str = ""

    def body(self) -> dict[str, Any]:
        """As a container has it."""
        if self.secret:
            return {"name": self.name, "valueFrom": {"secretKeyRef": {"name": self.secret, "key": self.key}}}
        return {"name": self.name, "value": self.text}


def links_of(graph: EnvironmentGraph, node: Node, process: str) -> list[Link]:
    """The edges whose client (or page, with ``via: browser``) is this process."""
    touching = (
        *graph.outgoing.get(node.ref, ()),
        *(link for link in graph.incoming.get(node.ref, ()) if link.client != node.ref),
    )
    return [
        link for link in touching if _binds(link) == node.ref and (link.processes is None or process in link.processes)
    ]


def _binds(link: Link) -> object:
    return link.drawn[0] if link.edge.via == "browser" else link.client


def variables(graph: EnvironmentGraph, node: Node, process: str) -> list[Variable]:
    """The variables of a process, in an order in which each only refers to earlier ones: bindings, secrets, plain."""
    found: dict[str, Variable] = {}
    for link in links_of(graph, node, process):
        for variable in _bound(graph, link):
            found.setdefault(variable.name, variable)
    for name, reference in {**node.component.secrets, **node.service.secrets}.items():
        secret, _, key = reference.partition("/")
        found.setdefault(name, Variable(name, secret=secret, key=key))
    return list(found.values())


def _bound(graph: EnvironmentGraph, link: Link) -> Iterator[Variable]:
    if link.edge.env is None:
        return
    templates = {link.edge.env: "{url}"} if isinstance(link.edge.env, str) else link.edge.env
    values = _values(graph, link)
    for name, template in templates.items():
        text = template.replace("{url}", values["url"])
        text = text.replace("{username}", "{secret:username}").replace("{password}", "{secret:password}")
        yield from _variables(name, text, values, _secret(graph, link))


def _secret(graph: EnvironmentGraph, link: Link) -> str:
    """The Secret with the client's credentials: the edge's, else the database's, else the one that the server reads."""
    server = graph.node(link.server)
    database = server.service.databases.get(link.edge.database or "")
    if link.edge.secret or (database and database.owner == link.client.service):
        return link.edge.secret or (database and database.secret) or f"{link.client.service}-database"
    keys = set(server.component.binding.secret_keys if server.component.binding else ())
    own = [reference.partition("/") for reference in server.component.secrets.values()]
    return next((name for name, _, key in own if key in keys), f"{link.client.service}-{link.server.service}")


def _variables(name: str, text: str, values: dict[str, str], secret: str) -> Iterator[Variable]:
    """One variable, behind those that hold the parts of it that come from a Secret."""
    whole = re.fullmatch(r"\{secret:([^}]+)\}", text)
    if whole:
        yield Variable(name, secret=secret, key=whole.group(1))
        return
    parts = {
        key: f"{name}_{re.sub('[^A-Za-z0-9]', '_', key).upper()}" for key in re.findall(r"\{secret:([^}]+)\}", text)
    }
    for key, variable in parts.items():
        yield Variable(variable, secret=secret, key=key)
    yield Variable(name, text=_PLACEHOLDER.sub(lambda match: _part(match, values, parts), text))


def _part(match: re.Match[str], values: dict[str, str], parts: dict[str, str]) -> str:
    found = match.group(1)
    if found.startswith("secret:"):
        return f"$({parts[found.removeprefix('secret:')]})"
    return values.get(found, match.group())


def _values(graph: EnvironmentGraph, link: Link) -> dict[str, str]:
    server = graph.node(link.server)
    name, port = next(iter(link.ports.items()), ("", None))
    scheme = (port.scheme if port else None) or name or "tcp"
    public = f"{_PUBLIC.get(scheme, scheme)}://{link.public}" if link.public else ""
    url = server.component.binding.url if server.component.binding else "{scheme}://{host}:{port}"
    values = {
        "host": _host(graph, link),
        "port": str(port.port) if port else "",
        "scheme": scheme,
        "database": link.edge.database or "",
        "public": public,
    }
    filled = _PLACEHOLDER.sub(lambda match: values.get(match.group(1), match.group()), url)
    return {**values, "url": filled}


def _host(graph: EnvironmentGraph, link: Link) -> str:
    server = graph.node(link.server)
    if server.in_cluster:
        return service_host(graph, link.server)
    if server.service.hosts or server.component.hosts:
        return [*server.service.hosts, *server.component.hosts][0]
    ranges = [*server.service.ranges, *server.component.ranges]
    return ranges[0].partition("/")[0] if ranges else link.public or ""
