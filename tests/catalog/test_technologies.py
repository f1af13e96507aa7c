"""What is known of technologies: names that people write, and marks that mean one of them and nothing else."""

from __future__ import annotations

from collections import Counter

import pytest

from solutio_topology import catalog
from solutio_topology.catalog.technologies import groups, mentions, says_discontinued, technologies


def test_no_name_means_two_technologies() -> None:
    names = Counter(name.lower() for each in technologies().values() for name in each.names)
    assert [name for name, times in names.items() if times > 1] == []


def test_every_technology_says_where_its_marks_come_from() -> None:
    assert [key for key, each in technologies().items() if not each.sources or not each.names] == []


def test_every_component_of_the_catalogue_that_is_a_product_is_known() -> None:
    """Generic ones (a worker, a site) and what the platform installs are no choice of a technology."""
    known = {name for each in technologies().values() for name in (*each.components, *each.covers)}
    generic = {"cdn", "client", "cloudflare", "external", "gateway-cilium", "ingress-nginx", "object-storage"}
    generic |= {"static-site", "worker", "metrics-server"}
    platform = {"cert-manager", "cloudnative-pg", "external-dns", "external-secrets", "plugin-barman-cloud"}
    assert catalog.names() - known == generic | platform


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PostgreSQL 16 + TimescaleDB", [[("postgresql", "16")], [("timescaledb", "")]]),
        ("Externo (Qdrant ou Pinecone)", [[("qdrant", ""), ("pinecone", "")]]),
        ("Qdrant 1.2 or Pinecone", [[("qdrant", "1.2"), ("pinecone", "")]]),
        ("PostgreSQL com o TimescaleDB", [[("postgresql", "")], [("timescaledb", "")]]),
        ("MongoDB/MySQL", [[("mongodb", ""), ("mysql", "")]]),
        ("DOKS (DO Kubernetes)", [[("doks", "")]]),
        ("Next 16 (App Router)", [[("nextjs", "16")]]),
        ("PostgreSQL 16+", [[("postgresql", "")]]),
        ("postgres v16.4, for now", [[("postgresql", "16.4")]]),
        ("Expo SDK 54", [[("expo", "54")]]),
        ("Modular Rails", [[("modular-rails", "")]]),
        ("React Native bare", [[("react-native", "")]]),
        ("Mongoose", []),
        ("our own", []),
    ],
)
def test_names_are_found_in_what_people_write(text: str, expected: list[list[tuple[str, str]]]) -> None:
    assert [[(each.key, each.version) for each in group] for group in groups(text)] == expected


def test_a_name_is_found_once() -> None:
    assert [each.key for each in mentions("Rails, the Ruby on Rails")] == ["rails"]


@pytest.mark.parametrize(
    "reason", ["descontinuados", "Descontinuado em 2024", "sem manutenção", "end of life", "EOL", "sin mantenimiento"]
)
def test_a_reason_that_says_discontinued(reason: str) -> None:
    assert says_discontinued(reason)


@pytest.mark.parametrize("reason", [None, "", "custo", "continuado", "geologia", "limitado"])
def test_a_reason_that_does_not(reason: str | None) -> None:
    assert not says_discontinued(reason)


@pytest.mark.parametrize(
    ("key", "tag", "version"),
    [
        ("postgresql", "pg16.14-ts2.28.1-all", "16.14"),
        ("postgresql", "2.17.2-pg16", "16"),
        ("postgresql", "16.4-bookworm", "16.4"),
        ("postgresql", "latest", ""),
        ("timescaledb", "pg16.14-ts2.28.1-all", "2.28.1"),
        ("mongodb", "7.0.5", "7.0.5"),
        ("livekit", "v1.13.5", "1.13.5"),
        ("rails", "7.1", ""),
        ("redis", "", ""),
    ],
)
def test_versions_in_tags(key: str, tag: str, version: str) -> None:
    assert technologies()[key].version_in(tag) == version
