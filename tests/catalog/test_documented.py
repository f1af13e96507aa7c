"""docs/catalog.md names every expression that the catalogue uses, and its example works as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from solutio_topology import catalog
from solutio_topology.render import render
from solutio_topology.spec.component import Component
from solutio_topology.yamlio import read_document
from tests.render.worlds import changed, containers, environment, find

TEXT = (Path(__file__).parents[2] / "docs/catalog.md").read_text()


def test_every_component_has_a_row() -> None:
    assert set(re.findall(r"^\| `([a-z0-9-]+)` \|", TEXT, re.MULTILINE)) >= catalog.names()


@pytest.mark.parametrize("name", sorted(catalog.names()))
def test_the_names_that_an_entry_uses_are_documented(name: str) -> None:
    from jinja2 import Environment, meta

    found = catalog.component(name)
    environment_ = Environment(autoescape=True)
    environment_.filters.update(dict.fromkeys(("merge", "tojson"), str))
    used: set[str] = set()
    for text in (*found.env.values(), *found.files.values(), found.values, found.objects):
        used |= meta.find_undeclared_variables(environment_.parse(text))
    documented = set(re.findall(r"^- `([a-z_]+)`", TEXT, re.MULTILINE))
    assert used <= documented


def test_the_example_of_one_s_own_component_renders() -> None:
    (block,) = re.findall(r"```yaml\n(components:.*?)```", TEXT, re.DOTALL)
    value, _, faults = read_document(block.encode())
    assert faults == []
    ((name, body),) = value["components"].items()
    assert Component.model_validate(body).sources
    service = {"component": name, "layer": "apps", "image": {"name": "x", "tag": "1.0"}}
    files = render(changed(("components", {name: body}), ("services.mine", service)))
    (container,) = containers(find(files, "Deployment", "mine")["spec"]["template"])
    assert environment(container)["LISTEN"] == "0.0.0.0:8080"
    assert find(files, "ConfigMap", "mine-files")["data"] == {"etc.gateway.gateway.conf": "listen 8080\nlevel info\n"}
