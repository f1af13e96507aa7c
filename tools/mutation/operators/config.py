"""Faults in Secrets, ConfigMaps, claims, databases and the rights of accounts."""

from __future__ import annotations

from typing import Any

from tools.mutation.operator import Operator, add, drop, flip, misspell, put

_X = ("ExternalSecret",)
_ROLES = ("Role", "ClusterRole")
_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_DB = ("Cluster", "Database", "ObjectStore", "ScheduledBackup", "ImageCatalog", "Pooler")
_ISSUERS = ("ClusterIssuer", "Issuer")


def _with(**fields: Any) -> Any:
    return lambda site: ({**site.value, key: value} for key, value in fields.items())


OPERATORS = (
    Operator("external-secret-target", "another Secret is made", _X, "spec/target/name", misspell),
    Operator("external-secret-key", "another key is made", _X, "spec/data/*/secretKey", misspell),
    Operator("external-secret-drop", "a key is no longer made", _X, "spec/data/*", drop),
    Operator("external-secret-data", "no key is made", _X, "spec/data", drop),
    Operator(
        "external-secret-remote", "another value in the store", _X, "spec/data/*/remoteRef/key|property", misspell
    ),
    Operator("external-secret-store", "another store", _X, "spec/secretStoreRef/name|kind", misspell),
    Operator("external-secret-policy", "another owner of the Secret", _X, "spec/target/creationPolicy", put("None")),
    Operator("external-secret-type", "another type of Secret", _X, "spec/target/template/type", put("Opaque")),
    Operator("secret-data-key", "another key", ("Secret",), "stringData|data/*", drop),
    Operator("secret-sops", "no longer encrypted", ("Secret",), "sops", drop),
    Operator("config-key", "a key is gone", ("ConfigMap",), "data/*", drop),
    Operator("config-value", "another value", ("ConfigMap",), "data/*", misspell),
    Operator("claim-size", "another size", ("PersistentVolumeClaim",), "spec/resources/requests/storage", put("1Gi")),
    Operator("claim-class", "another class", ("PersistentVolumeClaim",), "spec/storageClassName", misspell),
    Operator(
        "claim-mode", "another access mode", ("PersistentVolumeClaim",), "spec/accessModes", put(["ReadWriteOnce"])
    ),
    Operator(
        "annotation-prune",
        "what holds data may be pruned",
        (),
        "metadata/annotations/kustomize.toolkit.fluxcd.io~1prune",
        drop,
    ),
    Operator("database-text", "another name or value", _DB, "spec/**/*", misspell),
    Operator("database-drop", "a field is gone", _DB, "spec/**/*", drop),
    Operator("database-instances", "no instances", ("Cluster",), "spec/instances", put(0)),
    Operator(
        "database-superuser",
        "the superuser may log in over the network",
        ("Cluster",),
        "spec/enableSuperuserAccess",
        flip,
    ),
    Operator(
        "database-outside",
        "the database is open to the outside",
        ("Cluster",),
        "spec/managed",
        lambda s: iter(
            [
                {
                    **s.value,
                    "services": {
                        "additional": [
                            {
                                "selectorType": "rw",
                                "serviceTemplate": {"metadata": {"name": "pg-open"}, "spec": {"type": "LoadBalancer"}},
                            }
                        ]
                    },
                }
            ]
        ),
    ),
    Operator("issuer", "another issuer", _ISSUERS, "spec/**/*", misspell),
    Operator("issuer-drop", "a field of the issuer is gone", _ISSUERS, "spec/**/*", drop),
    Operator("role-verb-drop", "a verb is gone", _ROLES, "rules/*/verbs/*", drop),
    Operator("role-verb-any", "every verb", _ROLES, "rules/*/verbs", put(["*"])),
    Operator("role-verb-add", "one more verb", _ROLES, "rules/*/verbs", add("escalate", "bind", "impersonate")),
    Operator("role-resource-drop", "a resource is gone", _ROLES, "rules/*/resources/*", drop),
    Operator("role-resource-any", "every resource", _ROLES, "rules/*/resources", put(["*"])),
    Operator(
        "role-resource-add", "one more resource", _ROLES, "rules/*/resources", add("nodes", "clusterroles", "pods/exec")
    ),
    Operator("role-group", "another API group", _ROLES, "rules/*/apiGroups/*", put("*", "example.org")),
    Operator("role-rule-drop", "a rule is gone", _ROLES, "rules/*", drop),
    Operator(
        "role-rule-add", "everything", _ROLES, "rules", add({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]})
    ),
    Operator("binding-role", "another role", _BINDINGS, "roleRef/name|kind", misspell),
    Operator("binding-admin", "the cluster's administrator", _BINDINGS, "roleRef/name", put("cluster-admin")),
    Operator("binding-subject", "another account", _BINDINGS, "subjects/*/name|namespace", misspell),
    Operator("binding-subject-drop", "no account", _BINDINGS, "subjects/*", drop),
    Operator(
        "binding-subject-add",
        "everybody",
        _BINDINGS,
        "subjects",
        add({"kind": "Group", "name": "system:authenticated", "apiGroup": "rbac.authorization.k8s.io"}),
    ),
    Operator(
        "namespace-security",
        "another level of pod security",
        ("Namespace",),
        "metadata/labels/pod-security.kubernetes.io~1enforce",
        put("privileged", "baseline", "restricted"),
    ),
    Operator(
        "namespace-security-drop",
        "no pod security",
        ("Namespace",),
        "metadata/labels/pod-security.kubernetes.io~1enforce",
        drop,
    ),
    Operator("limit-range", "another default", ("LimitRange",), "spec/**/cpu|memory|ephemeral-storage", misspell),
    Operator("limit-range-drop", "no default", ("LimitRange",), "spec/limits/*/default|defaultRequest", drop),
    Operator("account-token", "tokens in every pod", ("ServiceAccount",), "automountServiceAccountToken", flip),
    Operator("account-token-drop", "tokens by default", ("ServiceAccount",), "automountServiceAccountToken", drop),
)
