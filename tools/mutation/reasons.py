"""Why a mutant that no check catches changes nothing: named reasons, as narrow as they can be said, and verified.

Each reason is for some operators, looks at what the mutant did, and, wherever something can be measured, measures it:
the connections, names, doors, routes and edges before and after, or the objects beside the damaged one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tools.mutation import measures
from tools.mutation.judge import Trial
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
    *("route-host", "route-section", "gateway-listener-any-host", "container-port", "object-copy", "object-drop"),
    *("object-spec-drop", "object-name", "workload-selector-fewer"),
)
REASONS: tuple[Reason, ...] = (
    Reason(
        "same-traffic",
        "Pods, names, doors, routes and edges answer as before: another rule opens the same, the other end stays "
        "closed, or no edge leads through it (measured: every connection, entry, route and verdict).",
        SAME,
        same_answer,
    ),
    Reason(
        "label-for-people",
        "No selector names the label, and it does not say whose pods these are (measured as above).",
        ("object-label", "pod-label", "database-"),
        measures.label_for_people,
    ),
    Reason(
        "api-server-still-reached",
        "Only the identities of nodes and of the API server lose something, and the API server's own way is left: it "
        "listens on one of the two ports, and comes as itself (P005 holds).",
        ("policy-", "object-copy"),
        measures.api_server_still_reached,
    ),
    Reason(
        "closes-what-nobody-declares",
        "Nothing is opened, every edge and every platform connection is as real as before (P001 to P009 hold).",
        ("policy-", "object-spec-drop"),
        measures.closes_only,
    ),
    Reason(
        "never-on-one-node",
        "`host` is the pods' own node, and what they reach there runs on other nodes: `remote-node` is left.",
        ("policy-entity",),
        measures.never_on_one_node,
    ),
    Reason(
        "no-pods-run", "The process is switched off, as declared.", ("env-", "probe-", "command"), measures.no_pods_run
    ),
    Reason(
        "namespace-without-pods",
        "No pods stand in the namespace: there is nothing to protect in it.",
        ("namespace-security", "object-label"),
        measures.namespace_without_pods,
    ),
    Reason(
        "still-one-budget",
        "The budget still protects its pods, and no pod has two (A001, A009 and A014 hold).",
        ("budget-fewer",),
        same_answer,
    ),
    Reason(
        "only-a-timeout",
        "How long the ingress keeps an idle connection; requests pass as before.",
        ("ingress-annotation", "object-annotation"),
        measures.only_a_timeout,
    ),
    Reason(
        "made-by-its-reader",
        "A Secret that cert-manager makes itself, under whatever name.",
        ("issuer",),
        measures.made_by_its_reader,
    ),
    Reason(
        "text-of-a-program",
        "The text of a configuration file is its program's; texts that the topology declares are compared (R041).",
        ("config-value",),
        same_answer,
    ),
    Reason("capacity", "How much a volume holds; its path is mounted as before.", ("claim-size",), same_answer),
    Reason(
        "reports-only", "`warn` and `audit` of pod security refuse nothing.", ("object-label",), measures.reports_only
    ),
    Reason("said-as-information", "Told as information: the cluster must bring the class.", ("",), measures.told),
    Reason(
        "asks-no-name",
        "No edge gives these pods a name of the cluster to ask for.",
        ("dns-policy",),
        measures.asks_no_name,
    ),
    Reason(
        "alias-of-no-address",
        "No variable of the pods names the host.",
        ("host-aliases",),
        measures.alias_of_no_address,
    ),
    Reason(
        "limit-range-fills-in",
        "The namespace's LimitRange has a default for it.",
        ("requests-drop", "limits-drop"),
        measures.filled_in,
    ),
    Reason(
        "containers-say-their-own",
        "Every container of the namespace has requests and limits of its own.",
        ("limit-range",),
        measures.says_own_limits,
    ),
    Reason(
        "pods-mount-no-token",
        "All pods of the account say themselves that they mount no token.",
        ("account-token",),
        measures.pods_say_no_token,
    ),
    Reason(
        "account-without-rights",
        "No token is mounted, and nothing is bound to the default account.",
        ("service-account-drop",),
        measures.account_without_rights,
    ),
    Reason(
        "on-the-nodes-network",
        "On the node's network every port is the node's.",
        ("container-host-port-drop",),
        measures.on_node_network,
    ),
    Reason(
        "one-replica",
        "There is one pod: nothing to spread, and nothing to take down one by one.",
        ("spread-", "strategy", "surge"),
        measures.one_replica,
    ),
    Reason(
        "which-pod-answers",
        "It decides which of the declared pods answers, or when, not whether they are reached.",
        ("service-affinity", "service-not-ready"),
        same_answer,
    ),
    Reason(
        "rolls-out-otherwise",
        "More or fewer pods while rolling out; some always run (A003, A013 and M013 hold).",
        ("surge", "strategy"),
        same_answer,
    ),
    Reason(
        "one-pool-takes-it",
        "Only one pool takes pods without a toleration, and it is the declared one.",
        ("node-selector-drop", "database-drop"),
        measures.one_pool_takes_it,
    ),
    Reason(
        "the-node-listens-anyway",
        "On the node's network a port is open whether the pod lists it or not.",
        ("container-port-drop",),
        measures.on_the_node,
    ),
    Reason(
        "pods-of-the-node",
        "No policy selects pods on the node's network, whatever their labels say (measured as above).",
        ("pod-label-drop",),
        measures.pods_of_the_node,
    ),
    Reason(
        "default-of-the-operator",
        "CloudNativePG's default says the same, or nothing but telemetry changes.",
        ("database-",),
        measures.operator_default,
    ),
    Reason(
        "scratch-of-an-init-container",
        "An empty folder of an init container, for which the topology declares nothing.",
        ("mount-drop",),
        measures.scratch_of_init,
    ),
    Reason(
        "selector-still-binds",
        "The nodeSelector still names the declared pool, or no pool is tainted.",
        ("toleration-add",),
        measures.still_selects_its_pool,
    ),
    Reason("right-not-used", "No object of these resources is applied.", ("role-",), measures.unused_right),
    Reason(
        "patched-not-updated",
        "Flux applies by server-side apply: it patches, and never updates.",
        ("role-verb-drop",),
        measures.update_is_unused,
    ),
    Reason(
        "bound-in-namespaces",
        "The role is bound in namespaces only, and what it now names belongs to none.",
        ("role-resource-add",),
        measures.bound_in_namespaces,
    ),
    Reason(
        "put-there-by-hand",
        "A Secret that no manifest makes: whoever bootstraps Flux puts it there.",
        ("source-secret", "flux-decryption-key"),
        measures.bootstrapped,
    ),
    Reason(
        "nothing-waits-for-it",
        "Nothing that comes after needs what it applies (F010 and F029 hold).",
        ("flux-wait", "flux-dependency-drop"),
        measures.nothing_waits,
    ),
    Reason(
        "tried-again",
        "The release is tried again until what it needs is there.",
        ("flux-dependency-drop",),
        measures.tried_again,
    ),
    Reason(
        "more-is-fetched",
        "Flux fetches more files than it needs, and applies the same folders.",
        ("source-ignore-drop",),
        same_answer,
    ),
    Reason(
        "helm-records",
        "Where Helm keeps its records; pods and Services are the same.",
        ("release-storage",),
        same_answer,
    ),
    Reason(
        "definitions-by-value",
        "The chart's definitions come from its templates, by a value; the field is for charts with a crds folder.",
        ("release-crds",),
        same_answer,
    ),
    Reason(
        "outside-the-manifests",
        "What an address outside holds (a chart repository, the secret store) is not in the manifests.",
        ("source-url", "external-secret-remote", "chart-version"),
        lambda trial: trial.mutant.item.kind in ("HelmRepository", "ExternalSecret", "HelmRelease"),
    ),
    Reason(
        "issued-under-any-name",
        "cert-manager issues the certificate into whatever Secret is named.",
        ("ingress-tls-secret",),
        measures.issued_under_any_name,
    ),
    Reason(
        "default-holds",
        "The controller's default is the same as what the annotation said.",
        ("ingress-annotation", "route-annotation", "object-annotation", "service-annotation"),
        measures.default_holds,
    ),
    Reason(
        "measures-another-request",
        "The autoscaler measures something else that its pods request.",
        ("autoscaler-metric",),
        measures.measures_another,
    ),
    Reason(
        "database-is-retained",
        "The database itself is kept: databaseReclaimPolicy is retain.",
        ("annotation-prune", "object-annotation"),
        measures.keeps_database,
    ),
    Reason(
        "nothing-connects",
        "No Service leads to the pods: what drains their nodes cuts no path.",
        ("object-drop", "object-name", "budget-"),
        measures.nothing_connects,
    ),
    Reason(
        "chart-internal",
        "A value that only the chart's own pods read, or whose default says the same; no edge depends on it.",
        ("helm-value",),
        measures.inner_value,
    ),
)
