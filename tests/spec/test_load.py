from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology import catalog
from solutio_topology.errors import FileError, InputError
from solutio_topology.findings import Finding, Location, Severity
from solutio_topology.spec.files import _matching
from solutio_topology.spec.load import load, load_text
from solutio_topology.yamlio import emit, read_document

ROOT = Path(__file__).parents[2]
REAL = (ROOT / "topology.yaml").read_text()
VALUE: dict[str, Any] = read_document(REAL.encode())[0]


BOMB = b"a: &a [1]\nc0: &c0 [*a]\n" + b"".join(
    b"c%d: &c%d [%s]\n" % (number, number, b",".join([b"*c%d" % (number - 1)] * 9)) for number in range(1, 8)
)


def _faults(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(InputError) as caught:
        load_text(text.encode(), "topology.yaml", known_components=catalog.names())
    return [(each.location.line, each.code, each.message) for each in caught.value.findings]


def _line(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def _changed(*changes: tuple[str, str]) -> str:
    text = REAL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def test_the_real_topology_loads_and_everything_in_it_has_a_place() -> None:
    loaded = load(ROOT / "topology.yaml", known_components=catalog.names())
    where = loaded.source.locate("services.api.jobs.migrate")
    assert REAL.splitlines()[where.line - 1].strip().startswith("migrate:")
    assert loaded.source.excerpt(where) == REAL.splitlines()[where.line - 1]


def test_every_fault_is_told_in_one_run_with_its_line_and_what_was_meant() -> None:
    text = _changed(
        ("replicas: {min: 2, max: 6}", "replicas: {min: 9, max: 6}"),
        ("replicas: 3", "replicas: many"),
        ("component: rails", "component: rials"),
        ("tag: 16.0.3", "tag: 1.10"),
        ("{from: api, to: pg,", "{from: api, to: pgg,"),
        ("ports: {panels: 9500}", "ports: {panels: 70000}"),
        ("    title: solutio-api (Rails)", "    titel: solutio-api (Rails)"),
        ('kubernetes: "1.34"', "kubernetes: 1.34"),
        ("tag: 2026.11.1", "tag: latest"),
        ("  prod: {zone: solutio.app}", "  prod: {zone: solutio.app}\n  ../x: {zone: solutio.app}"),
    )
    assert _faults(text) == [
        (_line(text, "kubernetes: 1.34"), "S005", "platform.kubernetes: the number 1.34 is not text"),
        (_line(text, "tag: 1.10"), "S005", "services.front.image.tag: the number 1.1 is not text"),
        (_line(text, "min: 9"), "S005", "services.front.replicas: min 9 is more than max 6"),
        (_line(text, "rials"), "S006", "services.api.component: there is no component 'rials'; did you mean 'rails'?"),
        (_line(text, "titel"), "S003", "services.api has no key 'titel'; did you mean 'title'?"),
        (
            _line(text, "tag: latest"),
            "S005",
            "services.api.image.tag: the tag latest moves: what runs would change without a commit; name a version",
        ),
        (_line(text, "70000"), "S005", "services.listener.ports.panels: the number 70000 is out of range"),
        (_line(text, "replicas: many"), "S005", "services.lk.replicas: 'many' is not a whole number or a map"),
        (_line(text, "pgg"), "S006", "edges.api-pg.to: there is no service 'pgg'; did you mean 'pg'?"),
        (_line(text, "../x"), "S005", "environments: the name '../x' does not have the right shape"),
    ]


def test_a_fault_holds_its_place_its_line_its_reason_and_its_remedy() -> None:
    text = _changed(("tag: 16.0.3", "tag: 1.10"))
    with pytest.raises(InputError) as caught:
        load_text(text.encode(), "topology.yaml")
    line = _line(text, "tag: 1.10")
    excerpt = text.splitlines()[line - 1]
    assert caught.value.findings == (
        Finding(
            code="S005",
            name="wrong-value",
            severity=Severity.ERROR,
            message="services.front.image.tag: the number 1.1 is not text",
            remedy='put it in quotes to make it text: "1.10"',
            location=Location("topology.yaml", line, excerpt.index("1.10") + 1, "services.front.image.tag"),
            subject="services.front.image.tag",
            excerpt=excerpt,
        ),
    )


def test_duplicate_keys_are_told_with_both_places() -> None:
    text = _changed(("  redis:\n", "  api: {component: redis, layer: data}\n  redis:\n"))
    line = _line(text, "  api: {component: redis")
    assert (line, "S002", f"the key 'api' stands twice in one map, first on line {_line(text, '  api:')}") in _faults(
        text
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "layer: data\n    title: Redis",
            "layer: dat\n    title: Redis",
            "there is no layer 'dat'; did you mean 'data'?",
        ),
        ("{tier: default,", "{tier: defualt,", "there is no tier 'defualt'; did you mean 'default'?"),
        ("pods: [default]", "pods: [defaults]", "there is no tenant pod 'defaults'; did you mean 'default'?"),
        ("size: pg", "size: gp", "there is no size class 'gp'"),
        ("pool: media\n  # Not", "pool: mdia\n  # Not", "there is no pool 'mdia'; did you mean 'media'?"),
        ("realizedBy: [g2-lkin,", "realizedBy: [g2-lkn,", "there is no edge 'g2-lkn'; did you mean 'g2-lkin'?"),
        (
            "web-page: cf -> ing -> front",
            "web-page: cf -> ing -> fronts",
            "there is no service 'fronts'; did you mean 'front'?",
        ),
        ("service: spaces, bucket", "service: space, bucket", "there is no service 'space'; did you mean 'spaces'?"),
        ("{owner: listener,", "{owner: listner,", "there is no service 'listner'; did you mean 'listener'?"),
        ("components: [rails]", "components: [rail]", "there is no component 'rail'; did you mean 'rails'?"),
    ],
)
def test_names_that_nothing_has(old: str, new: str, message: str) -> None:
    assert [message in text for _, code, text in _faults(_changed((old, new))) if code == "S006"] == [True]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "api: {replicas: {min: 2, max: 4}}",
            "api: {processes: {wroker: {replicas: 1}}}",
            "there is no process of api 'wroker'; did you mean 'worker'?",
        ),
        ("to: pg, database: app", "to: pg, database: ap", "there is no database of pg 'ap'; did you mean 'app'?"),
        (
            "env: DATABASE_URL, secret: api-database",
            "env: DATABASE_URL, processes: [wroker], secret: api-database",
            "there is no process or job of api 'wroker'; did you mean 'worker'?",
        ),
        (
            "  pools:   ",
            "  controllers: {cert-manger: {}}\n  pools:   ",
            "there is no component 'cert-manger'; did you mean",
        ),
    ],
)
def test_names_that_depend_on_the_place(old: str, new: str, message: str) -> None:
    assert [message in text for _, code, text in _faults(_changed((old, new)))] == [True]


@pytest.mark.parametrize("key", ["services", "layers", "tiers", "pods", "environments"])
def test_what_is_declared_nowhere_is_told_once_and_not_at_every_use(key: str) -> None:
    data = {**VALUE, key: {}}
    with pytest.raises(InputError) as caught:
        load_text(emit([data]), "topology.yaml", known_components=catalog.names())
    assert [each.message for each in caught.value.findings] == [f"{key}: the map is empty"]


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        (
            "env: {RAILS_LOG_LEVEL: info}",
            "env: {RAILS_MASTER_KEY: x}",
            "S010",
            "the variable RAILS_MASTER_KEY is given by services.api.secrets and by services.api.env",
        ),
        (
            "env: {RAILS_LOG_LEVEL: info}",
            "env: {REDIS_URL: x}",
            "S010",
            "the variable REDIS_URL is given by edge api-redis and by services.api.env",
        ),
        (
            "env: {RAILS_LOG_LEVEL: debug}",
            "secrets: {RAILS_LOG_LEVEL: a/b}",
            "S010",
            "the variable RAILS_LOG_LEVEL is given by environments.staging.services.api.secrets and by "
            "services.api.env",
        ),
        (
            "env: {RAILS_LOG_LEVEL: info}",
            "volumes: {a: {path: /x}, b: {path: /x}}",
            "S010",
            "the path /x in services.api is given by volume b and by volume a",
        ),
        (
            "ports: {panels: 9500}",
            "ports: {panels: 9500, more: {port: 9500}}",
            "S010",
            "the port 9500/TCP of services.listener is given by port more and by port panels",
        ),
        (
            "      worker: {command",
            "      migrate: {command",
            "S010",
            "the name migrate in services.api is given by a job and by a process",
        ),
        (
            "  org-e:\n",
            "  flux: {tier: enterprise}\n  org-e:\n",
            "S011",
            "pods.flux: the name 'flux' is a folder of every environment that belongs to no tenant pod",
        ),
        (
            "  org-e:\n",
            "  default-media: {tier: enterprise}\n  org-e:\n",
            "S011",
            "pods.default-media: the name 'default-media' is the namespace of layer media of 'default'",
        ),
        (
            "  org-e:\n",
            "  apps: {tier: enterprise}\n  org-e:\n",
            "S011",
            "pods.apps: the name 'apps' is a node pool of the platform, and the tenant pod's own would take its place",
        ),
        (
            "reaches: [data]}",
            "reaches: [data], namespace: own}",
            "S011",
            "layers.data: the name 'data' is a folder of every tenant pod; a layer with a namespace of its own needs "
            "another",
        ),
        (
            "shares: [cf,",
            "shares: [pg, cf,",
            "S005",
            "tiers.enterprise.shares[0]: the tier dedicates pg, and shares it: only one can hold",
        ),
        (
            "      worker: {command",
            "      main: {command",
            "S011",
            "services.api.processes.main: the name 'main' is what edges call the service's own command",
        ),
    ],
)
def test_what_one_part_says_against_another(old: str, new: str, code: str, message: str) -> None:
    assert (code, message) in [(each[1], each[2]) for each in _faults(_changed((old, new)))]


def test_a_variable_may_be_given_anew_and_to_other_processes() -> None:
    text = _changed(
        ("env: {RAILS_LOG_LEVEL: info}", "env: {RAILS_LOG_LEVEL: info, A: '1'}"),
        ("services:\n      api: {replicas", "services:\n      api: {env: {A: '2'}, replicas"),
        ("env: REDIS_URL, secret: redis-auth}", "env: REDIS_URL, secret: redis-auth, processes: [main]}"),
        (
            "  api-vector:",
            "  api-jobs: {from: api, to: redis, env: REDIS_URL, processes: [worker], secret: jobs}\n  api-vector:",
        ),
    )
    loaded = load_text(text.encode(), "topology.yaml", known_components=catalog.names())
    assert loaded.topology.pods["org-e"].services["api"].env == {"A": "2"}


@pytest.mark.parametrize(
    ("old", "new", "message", "remedy"),
    [
        ("replicas: 3", 'replicas: "3"', "'3' is not a whole number or a map", "write it without quotes: 3"),
        ("replicas: 3", "replicas: -3", "the number -3 is out of range", "write a number of 0 or more"),
        ("dedicates: [api, pg, redis, listener, voice]", "dedicates: api", "'api' is not a list", "[api]"),
        ("dedicates: [api, pg,", "dedicates: [api, api, pg,", "'api' stands in it twice", ""),
        ("name: solutio-api,", "name: solutio-api:1,", "'solutio-api:1' does not have the right shape", "repository"),
        ("storage: 100Gi", "storage: lots", "'lots' does not have the right shape", "write a quantity: 250m"),
        ("[203.0.113.0/24]", "[203.0.113.9/24]", "names an address inside of the range 203.0.113.0/24", ""),
        ("[203.0.113.0/24]", "[203.0.113.0/40]", "'203.0.113.0/40' is no range of addresses", ""),
        ("api{-pod}.{zone}", "api{-pd}.{zone}", "does not have the right shape", "{zone}, {pod}, {-pod} and {suffix}"),
        ('"{url}/v1"', '"{uri}/v1"', "nothing fills {uri}; did you mean {url}?", ""),
        ("before: rollout", "before: rolout", "'rolout' is not 'rollout'", "write rollout"),
        ("before: rollout", "schedule: 61 * * * *", "'61' is no minute of a schedule: 0 to 59", ""),
        ("before: rollout", "schedule: daily", "'daily' does not have the right shape", "15 3 * * *"),
        ("before: rollout", "deadline: 5", "exactly one of before, schedule is needed; given: none", ""),
        ("tenancy: dedicated", "tenancy: dedicate", "none of shared, dedicated; did you mean 'dedicated'?", ""),
        ("until: 2027-06-30", "until: 2027-06-31", "'2027-06-31' is no day of the calendar", ""),
        ("monthly: 144", 'monthly: "144"', "'144' is not an amount of money", ""),
        ("pods: [default]", "pods: []", "the list is empty", "write 1 or more entries"),
        ("{min: 2, max: 6}", "{min: 2, max: 6, cp: 5}", "has no key 'cp'; did you mean 'cpu'?", ""),
        ("{panels: 9500}", "{panels: {prt: 1, port: 5}}", "has no key 'prt'; did you mean 'port'?", ""),
    ],
)
def test_one_fault_is_one_finding_in_plain_words(old: str, new: str, message: str, remedy: str) -> None:
    with pytest.raises(InputError) as caught:
        load_text(_changed((old, new)).encode(), "topology.yaml", known_components=catalog.names())
    (finding,) = caught.value.findings
    assert message in finding.message
    assert remedy in finding.remedy
    assert finding.excerpt


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"# only a comment\n", "the file is empty"),
        (b"- a\n- b\n", "the file must hold a map"),
        (b"a: [", "not YAML"),
        (b"\xff\xfea\x00", "UTF-16"),
        (b"a: \x00", "binary"),
        (b"a: \xff", "not UTF-8"),
        (b"a: " + b"{a: " * 200 + b"1" + b"}" * 200, "levels deep"),
        (BOMB, "aliases stand for"),
        (b"a: 1\n" * (1024 * 1024), "the file has more than 4,194,304 bytes"),
    ],
    ids=["empty", "comment", "list", "cut off", "utf-16", "binary", "latin-1", "deep", "bomb", "huge"],
)  # fmt: skip
def test_what_is_no_topology_gets_one_clear_message(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_text(data, "topology.yaml")
    assert [message in each.message for each in caught.value.findings] == [True]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "provider: external-secrets, store: solutio, prefix: solutio/",
            "provider: sops",
            "Secrets can be shared where a store brings them",
        ),
        ("tenancy: dedicated", "tenancy: shared", "a shared tenant pod is the one whose Secrets are read"),
    ],
)
def test_secrets_are_shared_where_there_is_something_to_share(old: str, new: str, message: str) -> None:
    text = _changed(
        (old, new), ("podSecurity: restricted,", "podSecurity: restricted, sharedSecrets: [registry-solutio],")
    )
    with pytest.raises(InputError) as caught:
        load_text(text.encode(), "topology.yaml", known_components=catalog.names())
    assert [each.subject for each in caught.value.findings] == ["tiers.enterprise.isolation.sharedSecrets"]
    assert message in caught.value.findings[0].message


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no such file"):
        load(tmp_path / "topology.yaml")
    with pytest.raises(FileError, match="is a folder"):
        load(tmp_path)


def test_an_endless_file_is_not_read_to_its_end() -> None:
    with pytest.raises(InputError, match="the file has more than"):
        load(Path("/dev/zero"))


def _with_include(folder: Path, pattern: str) -> Path:
    text = REAL.replace("metadata: {", f"include: ['{pattern}']\nmetadata: {{", 1)
    (folder / "topology.yaml").write_text(text)
    return folder / "topology.yaml"


def test_included_files_bring_tenant_pods_with_their_own_places(tmp_path: Path) -> None:
    (tmp_path / "pods").mkdir()
    (tmp_path / "pods" / "acme.yaml").write_text("pods:\n  acme: {tier: enterprise, orgs: [acme]}\n")
    loaded = load(_with_include(tmp_path, "pods/*.yaml"))
    assert "acme" in loaded.topology.pods
    where = loaded.source.locate("pods.acme.tier")
    assert (where.file, where.line, where.column) == (str(tmp_path / "pods" / "acme.yaml"), 2, 16)


@pytest.mark.parametrize(
    ("pattern", "content", "message"),
    [
        ("pods/*.yaml", None, "matches no file"),
        ("", "pods: {}", "matches no file"),
        (".", "pods: {}", "matches no file"),
        ("**x", "pods: {}", "matches no file"),
        ("../*.yaml", "pods: {}", "leads out of the topology's folder"),
        ("/etc/*.yaml", "pods: {}", "leads out of the topology's folder"),
        ("pods/*.yaml", "pods: {org-e: {tier: default}}", "is defined twice"),
        ("pods/*.yaml", "services: {}", "may hold pods and nothing else"),
    ],
)
def test_included_files_that_do_not_fit(tmp_path: Path, pattern: str, content: str | None, message: str) -> None:
    (tmp_path / "pods").mkdir()
    if content is not None:
        (tmp_path / "pods" / "x.yaml").write_text(content)
    with pytest.raises(InputError) as caught:
        load(_with_include(tmp_path, pattern))
    assert [message in each.message for each in caught.value.findings if each.code == "S007"] == [True]


def test_an_included_link_may_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("pods: {acme: {tier: enterprise}}\n")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "acme.yaml").symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(InputError, match=r"leads out of the topology's folder: .* is a link"):
        load(_with_include(tmp_path / "here", "acme.yaml"))


def test_a_tenant_pod_that_is_defined_twice_is_told_with_both_places(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("pods: {acme: {tier: enterprise}}\n")
    (tmp_path / "two.yaml").write_text("# Acme again.\npods: {acme: {tier: enterprise}}\n")
    with pytest.raises(InputError) as caught:
        load(_with_include(tmp_path, "[ot][nw][eo].yaml"))
    (finding,) = [each for each in caught.value.findings if "defined twice" in each.message]
    assert (finding.location.file, finding.location.line) == (str(tmp_path / "two.yaml"), 2)
    assert [str(each.location) for each in finding.related] == [f"{tmp_path / 'one.yaml'}:1:8"]
    assert finding.excerpt == "pods: {acme: {tier: enterprise}}"


def _pointers(value: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, inner in items for found in ((*prefix, key), *_pointers(inner, (*prefix, key)))]


JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 70000, 1.5, "", "x", "../x", "A B", "é", [], [1], {}, {"a": 1}, [[]], {"from": "x"}]
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(_pointers(VALUE)), JUNK)
def test_junk_anywhere_is_accepted_or_told_with_a_line(pointer: tuple[Any, ...], junk: Any) -> None:
    data = copy.deepcopy(VALUE)
    target = data
    for step in pointer[:-1]:
        target = target[step]
    target[pointer[-1]] = junk
    findings = None
    try:
        load_text(emit([data]), "topology.yaml", known_components=catalog.names())
    except InputError as error:
        findings = error.findings
    assert findings is None or [each.location.line > 0 for each in findings] == [True] * max(len(findings), 1)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.integers(0, len(REAL.encode()) - 1), st.binary(max_size=3), st.integers(0, 40))
def test_damaged_bytes_are_accepted_or_told_with_a_line(at: int, new: bytes, length: int) -> None:
    data = REAL.encode()
    findings = None
    try:
        load_text(data[:at] + new + data[at + length :], "topology.yaml", known_components=catalog.names())
    except InputError as error:
        findings = error.findings
    assert findings is None or [each.location.line > 0 for each in findings] == [True] * max(len(findings), 1)


@pytest.mark.parametrize(
    "pattern", ["c/*.yaml", "c/**/*.yaml", "**/*.yaml", "*/b.yaml", "c/d/b.yaml", "c/[ab].yaml", "c/**", "x*/y"]
)
def test_files_that_are_only_at_hand_are_included_as_those_on_disk(tmp_path: Path, pattern: str) -> None:
    paths = [tmp_path / name for name in ("a.yaml", "c/a.yaml", "c/b.yml", "c/.h.yaml", "c/d/b.yaml", "c/d/e/f.yaml")]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    empty = tmp_path / "empty"
    empty.mkdir()
    found, _ = _matching(pattern, empty, [empty / path.relative_to(tmp_path) for path in paths])
    wanted, _ = _matching(pattern, tmp_path, [])
    assert [path.relative_to(empty) for path in found] == [path.relative_to(tmp_path) for path in wanted]
