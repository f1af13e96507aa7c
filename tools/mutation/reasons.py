"""Why a mutant that no check catches changes nothing: named reasons, as narrow as they can be said, and verified.

Each reason is for some operators, looks at what the mutant did, and, wherever something can be measured, measures it:
the connections, names, doors, routes and edges before and after, or the objects beside the damaged one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tools.mutation.judge import Trial
from tools.mutation.measures import charts, objects, pods, traffic
from tools.mutation.signature import same_answer


@dataclass(frozen=True)
class Reason:
    """A reason. `operators` are the beginnings of the names that it is for; `holds` looks at what the mutant did."""

    name: str
    why: str
    operators: tuple[str, ...]
    holds: Callable[[Trial], bool]

    def explains(self, trial: Trial) -> bool:
        """Whether this is why a mutant changes nothing."""
        return trial.mutant.operator.startswith(self.operators) and self.holds(trial)


def reason_of(trial: Trial) -> str:
    """The name of the first reason that explains a survivor; empty for one that none explains."""
    return next((reason.name for reason in REASONS if reason.explains(trial)), "")


SAME = (
    *("policy-", "service-port", "service-target", "service-selector", "service-drop-port", "service-add-port"),
    *("service-external-name", "service-headless", "service-not-headless", "service-ranges-add", "service-protocol"),
    *("route-host", "route-section", "gateway-listener-any-host", "container-port", "workload-selector-fewer"),
    *("object-drop", "object-spec-drop"),
)
REASONS: tuple[Reason, ...] = (
    # What is open, and where requests are led.
    Reason(
        "same-traffic",
        "Pods, names, doors, routes and edges answer as before: another rule opens the same, the other end stays "
        "closed, or no edge leads through it (measured: every connection, entry, route and verdict).",
        SAME,
        traffic.unchanged,
    ),
    Reason(
        "label-for-people",
        "No selector names the label, and it does not say whose pods these are (measured as above).",
        ("object-label", "pod-label", "database-"),
        traffic.label_for_people,
    ),
    Reason(
        "names-unused",
        "Only the cluster's DNS is closed, to pods that no edge and no component gives a name (measured as above).",
        ("policy-", "object-drop", "object-spec-drop"),
        traffic.names_unused,
    ),
    Reason(
        "asks-no-name",
        "No edge and no component gives these pods a name to ask for.",
        ("dns-policy",),
        traffic.asks_no_name,
    ),
    Reason(
        "api-server-still-reached",
        "Only the identities of nodes and of the API server lose something, and the API server's own way is left: it "
        "listens on one of the two ports, and comes as itself (P005 holds).",
        ("policy-",),
        traffic.api_server_still_reached,
    ),
    Reason(
        "no-client-there",
        "Only addresses outside are closed which no load balancer lets in and no edge's client has (P001, P005 hold).",
        ("policy-range-narrower",),
        traffic.no_client_there,
    ),
    Reason(
        "open-to-the-world-already",
        "What the cluster's own identities may open now, every address outside could before; no pod may open more.",
        ("policy-drop-peers",),
        traffic.open_to_the_world_already,
    ),
    Reason(
        "never-on-one-node",
        "`host` is the pods' own node, and what they reach there runs on other nodes: `remote-node` is left.",
        ("policy-entity",),
        traffic.never_on_one_node,
    ),
    Reason(
        "which-pod-answers",
        "It decides which of the declared pods answers, not whether they are reached.",
        ("service-affinity",),
        same_answer,
    ),
    Reason(
        "one-pod-answers",
        "One pod is behind the Service: while it is not ready, no other one answers.",
        ("service-not-ready",),
        traffic.one_pod_answers,
    ),
    Reason(
        "alias-of-no-address",
        "No variable of the pods names the host.",
        ("host-aliases",),
        traffic.alias_of_no_address,
    ),
    Reason(
        "on-the-nodes-network",
        "On the node's network every port is the node's.",
        ("container-host-port-drop",),
        traffic.on_node_network,
    ),
    Reason(
        "the-node-listens-anyway",
        "On the node's network a port is open whether the pod lists it or not.",
        ("container-port-drop",),
        traffic.on_the_node,
    ),
    Reason(
        "pods-of-the-node",
        "No policy selects pods on the node's network, whatever their labels say (measured as above).",
        ("pod-label-drop",),
        traffic.pods_of_the_node,
    ),
    Reason(
        "only-a-timeout",
        "How long the ingress keeps an idle connection; WebSockets have longer than a minute still (N020 holds).",
        ("ingress-annotation", "object-annotation"),
        traffic.only_a_timeout,
    ),
    Reason(
        "issued-under-any-name",
        "cert-manager issues the certificate into whatever Secret is named.",
        ("ingress-tls-secret",),
        traffic.issued_under_any_name,
    ),
    Reason(
        "default-holds",
        "The controller's default is the same as what the annotation said.",
        ("ingress-annotation", "route-annotation", "object-annotation", "service-annotation"),
        traffic.default_holds,
    ),
    # Pods, and what scales and protects them.
    Reason(
        "no-pods-run",
        "The process is switched off, as declared.",
        ("env-", "secret-", "probe-", "command", "object-drop"),
        pods.no_pods_run,
    ),
    Reason(
        "limit-range-fills-in",
        "The API server, or the namespace's LimitRange, fills in the very same amount.",
        ("requests-drop", "limits-drop", "database-drop"),
        pods.filled_in,
    ),
    Reason(
        "no-size-declared",
        "The topology says no size for the service: what its pods ask is what capacity is reckoned with (K001).",
        ("helm-value",),
        charts.no_size_declared,
    ),
    Reason(
        "scratch-unbounded",
        "The topology says no limit of ephemeral storage for the service; the node's own bound is left.",
        ("helm-value-drop",),
        charts.scratch_unbounded,
    ),
    Reason(
        "containers-say-their-own",
        "Every container of the namespace says itself what the default would fill in.",
        ("limit-range", "object-drop", "object-spec-drop"),
        pods.says_own_limits,
    ),
    Reason(
        "pods-mount-no-token",
        "All pods of the account say themselves that they mount no token.",
        ("account-token",),
        pods.pods_say_no_token,
    ),
    Reason(
        "account-without-rights",
        "No token is mounted, and nothing is bound to the default account.",
        ("service-account-drop",),
        pods.account_without_rights,
    ),
    Reason("one-replica", "There is one pod: nothing to spread.", ("spread-",), pods.one_replica),
    Reason(
        "goes-first-anyway",
        "One pod, and the component's own way of rolling out takes it down before the new one starts, too.",
        ("strategy", "surge"),
        pods.goes_first_anyway,
    ),
    Reason(
        "holds-the-same",
        "The budget selects the very same pods with fewer labels.",
        ("budget-fewer",),
        pods.holds_the_same,
    ),
    Reason(
        "one-pool-takes-it",
        "Only one pool takes pods without a toleration, these tolerate nothing, and it is the declared one (R037).",
        ("node-selector-drop", "database-drop", "helm-value-drop"),
        pods.one_pool_takes_it,
    ),
    Reason(
        "runs-on-every-node",
        "A DaemonSet is to run on every node, whatever its taint.",
        ("toleration-add",),
        pods.on_every_node,
    ),
    Reason(
        "user-of-its-own",
        "The pods say a user that is not root, and no container says another.",
        ("root",),
        pods.user_of_its_own,
    ),
    Reason(
        "namespace-without-pods",
        "No pods stand in the namespace: there is nothing to protect in it.",
        ("namespace-security", "object-label"),
        pods.namespace_without_pods,
    ),
    Reason("reports-only", "`warn` and `audit` of pod security refuse nothing.", ("object-label",), pods.reports_only),
    # Databases, Secrets, rights.
    Reason(
        "default-of-the-operator",
        "CloudNativePG's default says the very same.",
        ("database-drop",),
        objects.operator_default,
    ),
    Reason(
        "reports-on-itself",
        "TimescaleDB would report on its use, and its pods may reach no address outside.",
        ("database-drop",),
        objects.reports_on_itself,
    ),
    Reason(
        "same-pool-tolerated",
        "The toleration is for the same key and value, with every effect.",
        ("database-drop",),
        objects.same_pool_tolerated,
    ),
    Reason(
        "stored-otherwise",
        "How a backup is packed, and who owns its record: it is taken and kept as before.",
        ("database-drop",),
        objects.stored_otherwise,
    ),
    Reason(
        "folder-of-its-own",
        "Another folder of the declared bucket, into which no other database is backed up.",
        ("database-text",),
        objects.folder_of_its_own,
    ),
    Reason(
        "database-is-retained",
        "The database itself is kept: databaseReclaimPolicy is retain.",
        ("annotation-prune", "object-annotation"),
        objects.keeps_database,
    ),
    Reason(
        "made-by-its-reader",
        "A Secret that cert-manager makes itself, under whatever name.",
        ("issuer",),
        objects.made_by_its_reader,
    ),
    Reason(
        "outside-the-manifests",
        "What an entry of the secret store holds is not in the manifests; no other tenant pod's is read (T008 holds).",
        ("external-secret-remote",),
        same_answer,
    ),
    Reason("right-not-used", "No object of these resources is applied.", ("role-",), objects.unused_right),
    Reason(
        "no-such-resource",
        "None of the rule's API groups has a resource of that name.",
        ("role-resource-add",),
        objects.no_such_resource,
    ),
    Reason(
        "patched-not-updated",
        "Flux applies by server-side apply: it patches, and never updates.",
        ("role-verb-drop",),
        objects.update_is_unused,
    ),
    Reason(
        "bound-in-namespaces",
        "The role is bound in namespaces only, and what it now names belongs to none.",
        ("role-resource-add",),
        objects.bound_in_namespaces,
    ),
    # Flux and Helm.
    Reason(
        "nothing-waits-for-it",
        "Nothing that comes after needs what it applies (F010 and F029 hold).",
        ("flux-wait", "flux-dependency-drop"),
        charts.nothing_waits,
    ),
    Reason(
        "tried-again",
        "The release is tried again until what it needs is there.",
        ("flux-dependency-drop",),
        charts.tried_again,
    ),
    Reason(
        "more-is-fetched",
        "Flux fetches more files than it needs, and applies the same folders.",
        ("source-ignore-drop",),
        same_answer,
    ),
    Reason(
        "no-definitions-in-folder",
        "The chart has no crds folder (its definitions come from templates), or nothing of those kinds is applied.",
        ("release-crds",),
        charts.no_definitions_in_folder,
    ),
    Reason("chart-default", "The chart's default says the very same.", ("helm-value-drop",), charts.chart_default),
    Reason(
        "one-pod-of-chart",
        "The chart makes one pod: nothing to spread, and no budget.",
        ("helm-value",),
        charts.one_pod_of_chart,
    ),
    Reason(
        "spreads-the-same",
        "The constraint still means the chart's pods (A004 holds), and no others stand in their namespace.",
        ("helm-value-drop",),
        charts.spreads_the_same,
    ),
    Reason(
        "no-gateway-asks",
        "No Gateway asks cert-manager for certificates: they are ordered by Certificates.",
        ("helm-value",),
        charts.no_gateway_asks,
    ),
    Reason(
        "every-ingress-has-a-class",
        "Which class is the default does not matter: every Ingress names its own.",
        ("helm-value",),
        charts.every_ingress_has_a_class,
    ),
    Reason(
        "chart-internal",
        "A value that only the chart's own pods read (each listed with what it does); no edge depends on it.",
        ("helm-value",),
        charts.inner_value,
    ),
    # Objects as a whole.
    Reason(
        "nothing-connects",
        "A budget of pods that no Service leads to: what drains their nodes cuts no path.",
        ("object-drop", "budget-"),
        pods.nothing_connects,
    ),
    Reason("one-pod-held", "A budget of one pod keeps none of several up.", ("object-drop",), pods.one_pod_held),
    Reason(
        "only-another-name",
        "Nothing names the object (the rules of references hold), and all is open, led and proved as before "
        "(measured as above, by the workloads' places).",
        ("object-name",),
        objects.another_name,
    ),
    Reason(
        "copy-that-nobody-names",
        "The copy does nothing of its own (R011, R045 and R056 hold), and opens, leads and grants what the first does.",
        ("object-copy",),
        objects.copied_in_vain,
    ),
)
