"""Marks against pieces as they really look: what they mean, and what only looks like it."""

from __future__ import annotations

import pytest

from solutio_topology.catalog.technologies import technologies
from solutio_topology.checks.decisions.match import Finder
from solutio_topology.checks.decisions.resolve import titled

FINDER = Finder((key, titled(each)) for key, each in technologies().items())


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("image", "mongo", {"mongodb"}),
        ("image", "docker.io/library/mongo", {"mongodb"}),
        ("image", "registry.example.com:5000/mirror/bitnami/mongodb-sharded", {"mongodb"}),
        ("image", "docker.io/percona/percona-server-mongodb", {"mongodb"}),
        ("image", "mongo-express", set()),
        ("image", "registry.example.com/team/mongoose", set()),
        ("image", "docker.io/pgvector/pgvector", {"pgvector", "postgresql"}),
        ("image", "ghcr.io/cloudnative-pg/pgvector", {"pgvector"}),
        ("image", "ankane/pgvector", {"pgvector"}),
        ("image", "docker.io/timescale/timescaledb-ha", {"postgresql", "timescaledb"}),
        ("image", "canyan/janus-gateway", {"janus"}),
        ("image", "ghcr.io/someone/janus-webrtc-gateway-docker", {"janus"}),
        ("image", "registry.example.com/team/januscope", set()),
        ("image", "kurento/kurento-media-server", {"kurento"}),
        ("image", "registry.example.com/web-astro", {"astro"}),
        ("image", "registry.example.com/gastro", set()),
        ("image", "redis", {"redis"}),
        ("image", "docker.io/livekit/ingress", set()),
        ("host", "cluster0.abc.mongodb.net", {"mongodb"}),
        ("host", "**.mongodb.net", {"mongodb"}),
        ("host", "mongodb.net.example.com", set()),
        ("host", "notmongodb.net", set()),
        ("host", "api.twilio.com", {"twilio"}),
        ("host", "sqs.sa-east-1.amazonaws.com", {"aws"}),
        ("host", "c.docdb.amazonaws.com", {"aws", "mongodb"}),
        ("host", "x.cloud.qdrant.io", {"qdrant"}),
        ("host", "nyc3.digitaloceanspaces.com", set()),
        ("key", "service.beta.kubernetes.io/aws-load-balancer-type", {"aws"}),
        ("key", "service.beta.kubernetes.io/do-loadbalancer-name", {"doks"}),
        ("key", "elbv2.k8s.aws", {"aws"}),
        ("key", "ebs.csi.aws.com", {"aws"}),
        ("key", "psmdb.percona.com", {"mongodb"}),
        ("key", "do-block-storage-retain", {"doks"}),
        ("key", "app.kubernetes.io/name", set()),
        ("scheme", "mongodb+srv", {"mongodb"}),
        ("scheme", "s3", set()),
        ("variable", "TWILIO_AUTH_TOKEN", {"twilio"}),
        ("variable", "MY_TWILIO_TOKEN", set()),
        ("variable", "KMS_KEY_ID", set()),
        ("package", "@nestjs/cli", {"nestjs"}),
        ("package", "nestle", set()),
        ("extension", "vector", {"pgvector"}),
        ("extension", "vectorscale", set()),
        ("preload", "timescaledb", {"timescaledb"}),
        ("chart", "psmdb-db", {"mongodb"}),
        ("port", "27017", {"mongodb"}),
        ("title", "solutio-atlas (Astro)", {"astro"}),
        ("title", "Gastronomia", set()),
        ("title", "Agora mesmo", set()),
    ],
)
def test_what_a_piece_gives_away(kind: str, value: str, expected: set[str]) -> None:
    assert set(FINDER.find(kind, value)) == expected
