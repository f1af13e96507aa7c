"""Services of the topology in manifests that are not ours: by mapping, by annotation, by label, in this order."""

from __future__ import annotations

from msgspec.structs import replace

from solutio_topology.checks.run import check_all
from tests.checks.test_paths import SOUND
from tests.checks.world import Edit, evidence, intent

MAPPING_RULES = frozenset({"R051"})
LABELS = "  labels: {topology.solutio.dev/service: vault, topology.solutio.dev/pod: common}\n"
ENTRY = "  - {service: vault, pod: common, kind: StatefulSet, namespace: kitchen, name: NAME}\n"
SECOND = "  - {service: desk, pod: common, kind: StatefulSet, namespace: kitchen, name: cellar}\n"


def _mapped(*entries: str, elsewhere: bool = True) -> list[tuple[str, int, str]]:
    """What is said of a mapping: message, line of the topology and subject."""
    topology = intent(Edit("environments:\n", f"mapping:\n{''.join(entries)}environments:\n", ""))
    found = check_all(topology, replace(evidence(), elsewhere=elsewhere)).findings
    return [(each.message, each.location.line, each.subject) for each in found if each.code == "R051"]


def test_a_mapping_to_nothing_is_said_and_one_that_fits_is_not() -> None:
    line = intent().locate("environments").line
    assert _mapped(ENTRY.replace("NAME", "celar")) == [
        (
            "StatefulSet kitchen/celar, mapped to vault of common, is not in the manifests; did you mean "
            "'StatefulSet kitchen/cellar'?",
            line,
            "StatefulSet kitchen/celar",
        )
    ]
    assert _mapped(ENTRY.replace("NAME", "cellar")) == []
    assert _mapped(ENTRY.replace("NAME", "celar"), elsewhere=False) == []


def test_a_workload_that_is_mapped_twice_is_said() -> None:
    (found,) = _mapped(ENTRY.replace("NAME", "cellar"), SECOND)
    assert found[0] == "StatefulSet kitchen/cellar is mapped to desk of common, and to vault of common as well"


def test_an_annotation_counts_before_a_label() -> None:
    annotations = LABELS.replace("labels:", "annotations:")
    for text in (annotations, annotations + LABELS.replace("vault", "desk")):
        found = check_all(intent(), evidence(Edit(LABELS, text)))
        assert {proof.name: proof.verdict.value for proof in found.edges} == SOUND
