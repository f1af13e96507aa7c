"""Capacity as people and programs see it."""

from __future__ import annotations

import json

from solutio_topology.cost.capacity.fit import Capacity, Level
from solutio_topology.report import fit_json, fit_text
from tests.cost.capacity.test_fit import NO_SURGE, of, platform, pool, workload

TEXT = """\
inn: does it fit?
  at minimum replicas                does not fit
      the pods that only pool apps takes ask for 2.3 CPU, and its 2 nodes have 2
        CPU for them
  at usual replicas                  does not fit
  at maximum replicas                does not fit
  with a node of apps lost           does not fit
      no place is left for Deployment inn/api (2 pods), Deployment inn/db
  while it is rolled out             does not fit

pool apps: 2 × big, 1 CPU and 1 GiB to give on each
  apps-1 … apps-2, 2 alike: 1 of 110 pods
    CPU     aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa····················   60%
    memory  ··················································    0%
    a 2 × inn/api: 0.6 CPU, 1 MiB
  waiting for a place: Deployment inn/api, Deployment inn/db
"""


def _capacity(*texts: str) -> Capacity:
    found = platform(apps=pool(2))
    return Capacity("inn", found, of(found, *texts))


def test_the_answers_come_first_and_the_nodes_are_drawn_to_scale() -> None:
    found = _capacity(workload("api", 3, "600m", spec=NO_SURGE), workload("db", 1, "500m", spec=NO_SURGE))
    text = fit_text.render(found, Level.USUAL)
    assert text == TEXT
    assert max(map(len, text.splitlines())) <= 80


def test_colours_change_nothing_but_colours() -> None:
    import re

    found = _capacity(workload("api", 1, "600m"))
    plain, painted = fit_text.render(found, Level.USUAL), fit_text.render(found, Level.USUAL, color=True)
    assert re.sub(r"\x1b\[[0-9]+m", "", painted) == plain != painted


def test_what_is_left_out_is_told() -> None:
    silent = workload("api", 1, "1").replace("resources: {requests: {cpu: 1, memory: 1Mi}}", "ports: []")
    assert fit_text.render(_capacity(silent), Level.USUAL).endswith(
        "left out: requests nothing, or not both CPU and memory\n  Deployment inn/api\n"
    )


def test_json_for_programs() -> None:
    document = json.loads(fit_json.render([_capacity(workload("api", 3, "600m", spec=NO_SURGE))], Level.MINIMUM))
    (found,) = document["environments"]
    assert (document["ok"], document["level"], found["name"], found["fits"]) == (False, "minimum", "inn", False)
    assert found["levels"]["minimum"] == {
        "verdict": "does not fit",
        "parts": [
            {
                "pools": ["apps"],
                "verdict": "does not fit",
                "lacking": {
                    "resource": "places",
                    "needed": 3,
                    "offered": 2,
                    "pools": ["apps"],
                    "nodes": 2,
                    "workloads": ["Deployment inn/api"],
                },
            }
        ],
        "pending": [{"workload": "Deployment inn/api", "pods": 1}],
        "homeless": [],
    }
    assert found["nodes"] == [
        {"name": f"apps-{at}", "pool": "apps", "pods": [{"workload": "Deployment inn/api", "pods": 1}]} for at in (1, 2)
    ]
    assert found["nodeLost"] == [
        {"pool": "apps", "verdict": "does not fit", "stranded": [{"workload": "Deployment inn/api", "pods": 2}]}
    ]
