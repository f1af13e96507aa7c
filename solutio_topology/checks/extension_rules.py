"""``R``: extensions of PostgreSQL that a database is told to make and cannot."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks.check import Check, ManifestCheck
from solutio_topology.checks.walk import maps, part, texts
from solutio_topology.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.manifests.facts import Object

PRELOAD = Rule(
    code="R053",
    name="library-not-preloaded",
    severity=Severity.ERROR,
    summary="A database makes an extension whose library PostgreSQL is not told to load when it starts.",
    rationale="CREATE EXTENSION fails, and the cluster never gets past its first instance.",
    example="CREATE EXTENSION timescaledb, and shared_preload_libraries without timescaledb",
    remedy="add the library to spec.postgresql.shared_preload_libraries of the Cluster",
)
MISSPELT = Rule(
    code="R055",
    name="extension-misspelt",
    severity=Severity.WARNING,
    summary="A database makes an extension that nobody knows, and whose name comes near a known one.",
    rationale="CREATE EXTENSION fails: the database is never ready, and what waits for it neither.",
    example="extensions: [{name: timescaldb}]",
    remedy="correct the name, or acknowledge an extension of your own",
)

REFUSED = Rule(
    code="R057",
    name="parameter-refused",
    severity=Severity.ERROR,
    summary="A parameter of PostgreSQL with a value that the server does not take.",
    rationale="The server refuses its configuration and does not start, or not the next time.",
    example='parameters: {wal_level: "replica"}',
    remedy="use one of the values that the message names",
)

_CNPG = "postgresql.cnpg.io"
_PRELOADED = frozenset({"timescaledb", "citus", "pg_cron", "pg_partman_bgw", "pglogical", "pg_squeeze"})
"""Extensions that must be loaded at the start. CloudNativePG adds pg_stat_statements, pgaudit and the like itself."""
_KNOWN = _PRELOADED | {
    *("adminpack", "amcheck", "bloom", "btree_gin", "btree_gist", "citext", "cube", "dblink", "dict_int"),
    *("earthdistance", "file_fdw", "fuzzystrmatch", "hll", "hstore", "hypopg", "intarray", "isn", "lo", "ltree"),
    *("orafce", "pageinspect", "pg_buffercache", "pg_freespacemap", "pg_ivm", "pg_jsonschema", "pg_partman"),
    *("pg_prewarm", "pg_repack", "pg_stat_kcache", "pg_stat_statements", "pg_trgm", "pg_walinspect", "pgaudit"),
    *("pgcrypto", "pgjwt", "pgmq", "pgrouting", "pgrowlocks", "pgstattuple", "pgtap", "plpgsql", "plpython3u"),
    *("postgis", "postgis_raster", "postgis_tiger_geocoder", "postgis_topology", "postgres_fdw", "rum", "seg"),
    *("sslinfo", "tablefunc", "timescaledb_toolkit", "tsm_system_rows", "tsm_system_time", "unaccent", "uuid-ossp"),
    *("vector", "vectorscale", "xml2"),
}
"""Extensions of PostgreSQL itself, and others that are widely used."""
_CREATES = re.compile(r"create\s+extension\s+(?:if\s+not\s+exists\s+)?\"?([a-z_0-9-]+)", re.IGNORECASE)


def _preloads(evidence: Evidence) -> Iterator[Finding]:
    for cluster in evidence.of_kind("Cluster", _CNPG):
        loaded = texts(part(cluster.body, "spec", "postgresql", "shared_preload_libraries"))
        made = {name for maker in (cluster, *_databases(evidence, cluster)) for name in _made(maker)}
        for name in sorted(made & _PRELOADED - set(loaded)):
            where = evidence.locate(cluster.place.at("spec", "postgresql"))
            message = f"{cluster.key} makes the extension {name}, and preloads {', '.join(loaded) or 'nothing'}"
            yield PRELOAD.finding(message, where, subject=str(cluster.key))


def _misspelt(evidence: Evidence) -> Iterator[Finding]:
    for maker in (*evidence.of_kind("Cluster", _CNPG), *evidence.of_kind("Database", _CNPG)):
        for name in sorted(_made(maker) - _KNOWN):
            for near in difflib.get_close_matches(name, sorted(_KNOWN), n=1, cutoff=0.8):
                message = f"{maker.key} makes the extension {name}; did you mean {near!r}?"
                yield MISSPELT.finding(message, evidence.locate(maker.place.at("spec")), subject=str(maker.key))


_CHOICES = {
    "timescaledb.telemetry_level": ("off", "basic", "no_functions"),
    "timescaledb.license": ("apache", "timescale"),
    "wal_level": ("minimal", "replica", "logical"),
    "synchronous_commit": ("on", "off", "local", "remote_write", "remote_apply"),
    "log_statement": ("none", "ddl", "mod", "all"),
    "log_min_messages": ("debug5", "debug4", "debug3", "debug2", "debug1", "info", "notice", "warning", "error", "log"),
    "password_encryption": ("scram-sha-256", "md5"),
    "default_transaction_isolation": ("serializable", "repeatable read", "read committed", "read uncommitted"),
    "autovacuum": ("on", "off"),
    "fsync": ("on", "off"),
    "full_page_writes": ("on", "off"),
    "jit": ("on", "off"),
}
"""Parameters that take one of a few words. Switches are written here as people write them."""


def _refused(evidence: Evidence) -> Iterator[Finding]:
    for cluster in evidence.of_kind("Cluster", _CNPG):
        given = part(cluster.body, "spec", "postgresql", "parameters")
        for name, value in given.items() if isinstance(given, dict) else ():
            choices = _CHOICES.get(name)
            if choices and str(value).lower() not in (*choices, *(_SWITCHES if "on" in choices else ())):
                where = evidence.locate(cluster.place.at("spec", "postgresql", "parameters", name))
                message = f"{cluster.key}: {name} is {value}, which is none of {', '.join(choices)}"
                yield REFUSED.finding(message, where, subject=str(cluster.key))


_SWITCHES = ("true", "false", "yes", "no", "1", "0")


def _databases(evidence: Evidence, cluster: Object) -> Iterator[Object]:
    for each in evidence.of_kind("Database", _CNPG):
        home = (each.key.namespace, part(each.body, "spec", "cluster", "name"))
        if home == (cluster.key.namespace, cluster.key.name):
            yield each


def _made(maker: Object) -> set[str]:
    """The extensions that a Cluster's own SQL, or a Database, makes."""
    initdb = part(maker.body, "spec", "bootstrap", "initdb")
    fields = ("postInitSQL", "postInitApplicationSQL", "postInitTemplateSQL")
    found = {name.lower() for field in fields for text in texts(part(initdb, field)) for name in _CREATES.findall(text)}
    listed = [item for _, item in maps(part(maker.body, "spec", "extensions")) if item.get("ensure") != "absent"]
    return found | {str(item.get("name")) for item in listed}


CHECKS: tuple[Check, ...] = (
    ManifestCheck(PRELOAD, _preloads),
    ManifestCheck(MISSPELT, _misspelt),
    ManifestCheck(REFUSED, _refused),
)
