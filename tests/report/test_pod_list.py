from __future__ import annotations

from solutio_topology.report.pod_list import PodRow, as_table

ROW = PodRow(
    name="acme",
    tier="own",
    tenancy="dedicated",
    ring=None,
    orgs=("a", "b"),
    domain=None,
    versions={"prod": {"api": "1.0", "worker": "2.0"}, "staging": {"api": "1.1"}},
    hosts={},
)


def test_the_last_column_is_folded_and_no_version_torn_from_its_service() -> None:
    assert as_table([ROW], 60) == (
        "POD   TIER  ENVIRONMENTS   ORGS  VERSIONS\n"
        "acme  own   prod, staging  a, b  api 1.0 (staging 1.1),\n"
        "                                 worker 2.0\n"
    )


def test_a_topology_without_images_of_its_own_has_no_such_column() -> None:
    bare = PodRow("acme", "own", "dedicated", "early", (), "acme.example", {}, {})
    assert as_table([bare], 80) == (
        "POD   TIER  RING   ENVIRONMENTS  ORGS  DOMAIN\nacme  own   early  none          none  acme.example\n"
    )
