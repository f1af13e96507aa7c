from __future__ import annotations

import pytest

from solutio_topology.manifests.facts import Container, EnvVar, Key, Operator, Requirement, Selector, Workload

from .reading import document, facts_of, notes_of

POD = "containers: [{name: main, image: example.com/a:1}]"
TEMPLATE = f"template:\n  metadata: {{labels: {{app: a}}, annotations: {{note: m}}}}\n  spec:\n    {POD}\n"
KINDS = [("apps/v1", "Deployment"), ("apps/v1", "ReplicaSet"), ("apps/v1", "StatefulSet"), ("apps/v1", "DaemonSet")]


def _workload(text: str) -> Workload:
    (workload,) = facts_of(text).workloads
    return workload


def _container(spec: str) -> Container:
    (container,) = _workload(document("Pod", f"containers:\n- {{name: main, image: x, {spec}}}")).containers
    return container


@pytest.mark.parametrize(("version", "kind"), [*KINDS, ("batch/v1", "Job")])
def test_kinds_with_a_template(version: str, kind: str) -> None:
    selected = "replicas: 3\nselector: {matchLabels: {app: a}}\n"
    more = "  labels: {topology.solutio.dev/service: api}\n"
    found = _workload(document(kind, selected + TEMPLATE, version=version, more=more))
    assert found.key == Key(version.partition("/")[0], kind, "default", "x")
    assert (found.labels, found.annotations) == ({"app": "a"}, {"note": "m"})
    assert found.object_labels == {"topology.solutio.dev/service": "api"}
    assert found.selector == Selector((Requirement("app", Operator.IN, ("a",)),))
    assert found.replicas == (3 if kind in {"Deployment", "ReplicaSet", "StatefulSet"} else 1)


def test_a_cron_job_a_replication_controller_and_a_pod() -> None:
    nested = "".join(f"    {line}\n" for line in TEMPLATE.splitlines())
    cron = _workload(document("CronJob", f"jobTemplate:\n  spec:\n{nested}", version="batch/v1"))
    assert (cron.key.kind, cron.labels, cron.selector) == ("CronJob", {"app": "a"}, None)
    controller = _workload(document("ReplicationController", f"selector: {{app: a}}\n{TEMPLATE}"))
    assert controller.selector == Selector((Requirement("app", Operator.IN, ("a",)),))
    pod = _workload(document("Pod", POD, more="  namespace: shop\n  labels: {app: b}\n"))
    assert (pod.key, pod.labels, pod.selector) == (Key("", "Pod", "shop", "x"), {"app": "b"}, None)


def test_a_pod_is_named_after_its_owner_as_written() -> None:
    more = "  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-7694668c77, uid: u}]\n"
    assert _workload(document("Pod", POD, more=more)).key == Key("apps", "ReplicaSet", "default", "web-7694668c77")


@pytest.mark.parametrize(
    ("owners", "name"),
    [
        (
            "{kind: ConfigMap, name: a, uid: u}, {kind: StatefulSet, name: db, controller: true, uid: v}",
            "StatefulSet db",
        ),
        ("{kind: ReplicaSet, name: a, uid: u}, {kind: ReplicaSet, name: b, uid: v}", "ReplicaSet a"),
        ("{kind: Node, name: worker-1, controller: true, uid: u}", "Pod x"),
    ],
)
def test_the_controller_is_the_owner_and_a_node_is_none(owners: str, name: str) -> None:
    key = _workload(document("Pod", POD, more=f"  ownerReferences: [{owners}]\n")).key
    assert f"{key.kind} {key.name}" == name


def test_a_pod_that_has_ended_is_no_workload() -> None:
    for phase, left in (("Succeeded", 0), ("Failed", 0), ("Running", 1), ("Pending", 1)):
        assert len(facts_of(document("Pod", POD) + f"status: {{phase: {phase}}}\n").workloads) == left


def test_ports_and_host_network() -> None:
    container = _container(
        "ports: [{containerPort: 80}, {name: dns, containerPort: 53, protocol: UDP, hostPort: 5353}]"
    )
    assert [(port.number, port.protocol, port.name, port.host_port) for port in container.ports] == [
        (80, "TCP", "", 0),
        (53, "UDP", "dns", 5353),
    ]
    assert _workload(document("Pod", f"hostNetwork: true\n{POD}")).host_network


def test_the_environment_from_everywhere() -> None:
    container = _container(
        "env: [{name: A, value: '1'}, {name: B, valueFrom: {secretKeyRef: {name: s, key: k, optional: true}}}, "
        "{name: C, valueFrom: {configMapKeyRef: {name: c, key: k}}}, "
        "{name: D, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]"
    )

    def plain(variable: EnvVar) -> tuple[object, ...]:
        source = (variable.source_kind, variable.source_name, variable.source_key)
        return variable.name, variable.value, source, variable.optional

    assert [plain(each) for each in container.env] == [
        ("A", "1", ("", "", ""), False),
        ("B", None, ("Secret", "s", "k"), True),
        ("C", None, ("ConfigMap", "c", "k"), False),
        ("D", None, ("field", "", "status.podIP"), False),
    ]


def test_what_a_pod_mentions() -> None:
    spec = """\
serviceAccountName: sa
priorityClassName: high
imagePullSecrets: [{name: pull}]
volumes:
- {name: a, secret: {secretName: vs, items: [{key: k, path: p}]}}
- {name: b, configMap: {name: vc, optional: true}}
- {name: c, persistentVolumeClaim: {claimName: data}}
- {name: d, projected: {sources: [{secret: {name: ps}}, {configMap: {name: pc}}]}}
initContainers: [{name: i, image: x, envFrom: [{secretRef: {name: es}}]}]
containers: [{name: m, image: x, envFrom: [{configMapRef: {name: ec, optional: true}}]}]
"""
    found = _workload(document("Pod", spec))
    assert [(each.kind, each.name, each.keys, each.optional) for each in found.references] == [
        ("Secret", "es", (), False),
        ("ConfigMap", "ec", (), True),
        ("Secret", "vs", ("k",), False),
        ("ConfigMap", "vc", (), True),
        ("PersistentVolumeClaim", "data", (), False),
        ("Secret", "ps", (), False),
        ("ConfigMap", "pc", (), False),
        ("Secret", "pull", (), False),
        ("ServiceAccount", "sa", (), False),
        ("PriorityClass", "high", (), False),
    ]
    assert [(each.name, each.init) for each in found.containers] == [("i", True), ("m", False)]


@pytest.mark.parametrize(
    ("spec", "note"),
    [
        ("containers: [{name: a, ports: [{containerPort: '80'}]}]",
         "6:50 containerPort must be a whole number, not text"),
        ("containers: [{name: a, ports: [{containerPort: 70000}]}]",
         "6:34 ports are 1 to 65535: the API server refuses this one"),
        ("containers: [{name: a, ports: [{containerPort: 80, hostPort: -1}]}]",
         "6:34 ports are 1 to 65535: the API server refuses this one"),
        ("containers: [{name: a, ports: [{containerPort: 80, protocol: tcp}]}]",
         "6:64 'tcp' is no protocol of a port"),
        ("containers: [{name: a, ports: [{containerPort: 80, name: WEB}]}]",
         "6:60 'WEB' cannot name a port: the API server refuses it"),
        ("containers: {name: a}", "6:15 containers must be a list, not a map"),
        ("containers: [web]", "6:16 a container must be a map"),
        ("containers: [{name: a, env: [{name: A, value: 1}]}]", "6:49 value must be text, not a number"),
        ("hostNetwork: 'yes'\ncontainers: []", "6:16 hostNetwork must be true or false, not text"),
    ],
)  # fmt: skip
def test_wrong_types_are_said_with_their_place(spec: str, note: str) -> None:
    assert note in notes_of(document("Pod", spec))


def test_a_workload_without_pods_is_said() -> None:
    assert notes_of(document("Deployment", "replicas: 1", version="apps/v1")) == [
        "1:1 Deployment default/x has no pod spec"
    ]


def test_whole_numbers_are_read_however_json_writes_them() -> None:
    assert [port.number for port in _container("ports: [{containerPort: 8080.0}, {containerPort: 8.08e3}]").ports] == [
        8080,
        8080,
    ]
