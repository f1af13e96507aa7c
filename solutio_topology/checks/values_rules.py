"""``F``, ``X``: values of well-known charts that switch off what the manifests rely on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from solutio_topology.checks.check import Check, ManifestCheck
from solutio_topology.checks.walk import part
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.reach.labels import matches

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.manifests.facts import Object, Policy

KEPT = Rule(
    code="F031",
    name="definitions-go-with-release",
    severity=Severity.WARNING,
    summary="A chart whose definitions, and every object of theirs, are deleted with its release.",
    rationale="Uninstalling it, or renaming the release, deletes every Certificate and Issuer of the cluster.",
    example="crds: {enabled: true, keep: false} for cert-manager",
    remedy="leave crds.keep at true",
)
WATCHES = Rule(
    code="F032",
    name="operator-watches-elsewhere",
    severity=Severity.ERROR,
    summary="An operator is told to watch its own namespace only, and its objects stand in others.",
    rationale="Nobody takes them up: databases are not made, hosts are not served.",
    example="config: {clusterWide: false} for cloudnative-pg, and a Cluster in another namespace",
    remedy="let it watch the whole cluster, or the namespaces of its objects",
)
MONITORS = Rule(
    code="F033",
    name="monitor-without-definition",
    severity=Severity.ERROR,
    summary="A chart is told to make a ServiceMonitor or PodMonitor, and nothing brings their definitions.",
    rationale="Helm refuses the whole release: there is no such kind.",
    example="monitoring: {podMonitorEnabled: true} without the definitions of the Prometheus operator",
    remedy="switch it off, or install the definitions first",
)
GATEWAYS = Rule(
    code="F034",
    name="gateway-certificates-off",
    severity=Severity.ERROR,
    summary="A Gateway asks cert-manager for certificates, and cert-manager does not look at Gateways.",
    rationale="No certificate is ordered: the listener has none, and every handshake fails.",
    example="cert-manager.io/cluster-issuer on a Gateway, and values without config.enableGatewayAPI",
    remedy="set config: {apiVersion: controller.config.cert-manager.io/v1alpha1, kind: ControllerConfiguration, "
    "enableGatewayAPI: true}",
)
WEBHOOK = Rule(
    code="F035",
    name="webhook-without-certificate",
    severity=Severity.ERROR,
    summary="The ingress controller's webhook gets its certificate from a hook that may not reach the API server.",
    rationale="The release hangs in its hook; without the certificate every change of an Ingress is refused.",
    example="admissionWebhooks without certManager, in a namespace that is closed by default",
    remedy="set controller.admissionWebhooks.certManager.enabled: true, or let the hook's pods reach the API server",
)
UNPROTECTED = Rule(
    code="X017",
    name="ingress-protections-off",
    severity=Severity.WARNING,
    summary="The ingress controller takes unchecked annotations, snippets or paths, or tells its version.",
    rationale="Whoever may write an Ingress then runs configuration of theirs in the controller, and reads the Secrets "
    "of every tenant (CVE-2021-25742 and those after it).",
    example="allowSnippetAnnotations: true",
    remedy="leave the chart's defaults",
)

_HELM = "helm.toolkit.fluxcd.io"


def _releases(evidence: Evidence, chart: str) -> Iterator[tuple[Object, dict[str, Any]]]:
    for each in evidence.of_kind("HelmRelease", _HELM):
        if part(each.body, "spec", "chart", "spec", "chart") == chart:
            yield each, part(each.body, "spec", "values") or {}


def _tell(rule: Rule, evidence: Evidence, release: Object, fault: str) -> Finding:
    where = evidence.locate(release.place.at("spec", "values"))
    return rule.finding(f"{release.key}: {fault}", where, subject=str(release.key))


def _kept(evidence: Evidence) -> Iterator[Finding]:
    for release, values in _releases(evidence, "cert-manager"):
        if part(values, "crds", "keep") is False:
            yield _tell(KEPT, evidence, release, "crds.keep is false")


def _watches(evidence: Evidence) -> Iterator[Finding]:
    for release, values in _releases(evidence, "cloudnative-pg"):
        own = part(release.body, "spec", "targetNamespace") or release.key.namespace
        others = [each for each in evidence.of_kind("Cluster", "postgresql.cnpg.io") if each.key.namespace != own]
        if part(values, "config", "clusterWide") is False and others:
            yield _tell(
                WATCHES, evidence, release, f"config.clusterWide is false, and {others[0].key} stands elsewhere"
            )
    for release, values in _releases(evidence, "ingress-nginx"):
        scope = part(values, "controller", "scope")
        own = part(scope, "namespace") or part(release.body, "spec", "targetNamespace") or release.key.namespace
        outside = [each for each in evidence.facts.ingresses if each.key.namespace != own]
        if part(scope, "enabled") is True and outside:
            yield _tell(WATCHES, evidence, release, f"controller.scope is on, and {outside[0].key} stands elsewhere")


def _monitors(evidence: Evidence) -> Iterator[Finding]:
    brought = any(
        part(each.body, "spec", "group") == "monitoring.coreos.com"
        for each in evidence.of_kind("CustomResourceDefinition", "apiextensions.k8s.io")
    )
    charts = {part(each.body, "spec", "chart", "spec", "chart") for each in evidence.of_kind("HelmRelease", _HELM)}
    if brought or charts & {"kube-prometheus-stack", "prometheus-operator-crds", "prometheus-operator"}:
        return
    for release in evidence.of_kind("HelmRelease", _HELM):
        for path in _monitoring(part(release.body, "spec", "values"), ""):
            yield _tell(MONITORS, evidence, release, f"{path} is on, and nothing brings the kinds of it")


def _monitoring(value: Any, path: str) -> Iterator[str]:
    """The values that make a chart add a monitor."""
    for key, child in value.items() if isinstance(value, dict) else ():
        here = f"{path}.{key}".lstrip(".")
        lower = str(key).lower()
        said = lower.startswith(("servicemonitor", "podmonitor"))
        if said and (child is True or (isinstance(child, dict) and child.get("enabled") is True)):
            yield here
        yield from _monitoring(child, here)


def _gateways(evidence: Evidence) -> Iterator[Finding]:
    asking = [
        each for each in evidence.facts.gateways if any(k.startswith("cert-manager.io/") for k in each.annotations)
    ]
    for release, values in _releases(evidence, "cert-manager"):
        config = part(values, "config")
        if config and (part(config, "apiVersion"), part(config, "kind")) != _CONFIG:
            yield _tell(GATEWAYS, evidence, release, f"config is no {_CONFIG[1]} of {_CONFIG[0]}: no pod of it starts")
        elif asking and part(config, "enableGatewayAPI") is not True:
            fault = f"config.enableGatewayAPI is not on, and {asking[0].key} asks for certificates"
            yield _tell(GATEWAYS, evidence, release, fault)


_CONFIG = ("controller.config.cert-manager.io/v1alpha1", "ControllerConfiguration")
_HOOK = {"app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/component": "admission-webhook"}
"""Labels of the chart's hook that makes the webhook's certificate."""


def _webhooks(evidence: Evidence) -> Iterator[Finding]:
    for release, values in _releases(evidence, "ingress-nginx"):
        hooks = part(values, "controller", "admissionWebhooks")
        by_hook = part(hooks, "enabled") is not False and part(hooks, "patch", "enabled") is not False
        space = str(part(release.body, "spec", "targetNamespace") or release.key.namespace)
        name = str(part(release.body, "spec", "releaseName") or release.key.name)
        if by_hook and part(hooks, "certManager", "enabled") is not True and _is_closed(evidence, space, name):
            yield _tell(WEBHOOK, evidence, release, f"the hook's pods may not leave namespace {space}")


def _is_closed(evidence: Evidence, space: str, release: str) -> bool:
    """Whether policies close everything outward for the hook's pods but the cluster's DNS."""
    labels = {**_HOOK, "app.kubernetes.io/instance": release}
    own = [each for each in evidence.facts.policies if each.key.namespace == space and matches(each.pods, labels)]
    return any(each.isolates_egress for each in own) and not any(_opens(each) for each in own)


def _opens(policy: Policy) -> bool:
    """Whether a policy opens something that may be the API server: an identity, addresses, or everything."""
    return any(
        rule.action == "Allow" and (rule.peers is None or any(peer.entity or peer.cidr for peer in rule.peers))
        for rule in policy.egress
    )


_PROTECTIONS = {
    ("allowSnippetAnnotations",): (True,),
    ("enableAnnotationValidations",): (False,),
    ("config", "allow-snippet-annotations"): (True, "true"),
    ("config", "strict-validate-path-type"): (False, "false"),
    ("config", "annotations-risk-level"): ("Critical", "critical"),
    ("config", "server-tokens"): (True, "true"),
}
"""Values below ``controller``, and what they must not be."""


def _protections(evidence: Evidence) -> Iterator[Finding]:
    for release, values in _releases(evidence, "ingress-nginx"):
        for steps, bad in _PROTECTIONS.items():
            given = part(values, "controller", *steps)
            if any(given is each or (isinstance(given, str) and given == each) for each in bad):
                yield _tell(UNPROTECTED, evidence, release, f"controller.{'.'.join(steps)} is {given}")


CHECKS: tuple[Check, ...] = (
    ManifestCheck(KEPT, _kept),
    ManifestCheck(WATCHES, _watches),
    ManifestCheck(MONITORS, _monitors),
    ManifestCheck(GATEWAYS, _gateways),
    ManifestCheck(WEBHOOK, _webhooks),
    ManifestCheck(UNPROTECTED, _protections),
)
