from __future__ import annotations

from typing import Any

from solutio_topology.render import render
from tests.render.worlds import changed, containers, environment, find


def variables(*changes: tuple[str, Any], workload: str = "api") -> dict[str, Any]:
    files = render(changed(*changes))
    return environment(containers(find(files, "Deployment", workload)["spec"]["template"])[0])


def test_an_address_is_composed_of_plain_parts_and_references() -> None:
    found = variables()
    assert found == {
        "DATABASE_URL_USERNAME": ("api-database", "username"),
        "DATABASE_URL_PASSWORD": ("api-database", "password"),
        "DATABASE_URL": "postgres://$(DATABASE_URL_USERNAME):$(DATABASE_URL_PASSWORD)"
        "@pg-rw.small-all.svc:5432/app?sslmode=require",
        "REDIS_URL_PASSWORD": ("redis-auth", "password"),
        "REDIS_URL": "redis://:$(REDIS_URL_PASSWORD)@queue.small-all.svc:6379/0",
        "RAILS_ENV": "production",
        "PORT": "3000",
        "RAILS_LOG_TO_STDOUT": "1",
        "GREETING": "{{ not a template }}",
    }


def test_a_process_gets_the_bindings_of_its_own_edges_and_its_own_environment() -> None:
    found = variables(workload="api-worker")
    assert (found["MAIL_URL"], found["QUEUES"]) == ("https://mail.example.net", "mail")
    assert "MAIL_URL" not in variables()


def test_each_part_can_have_a_variable_of_its_own() -> None:
    parts = {"HOST": "{host}", "PORT_": "{port}", "DB": "{database}", "PW": "{password}", "USER": "{secret:username}"}
    found = variables(("edges.api-pg.env", parts))
    assert {key: found[key] for key in parts} == {
        "HOST": "pg-rw.small-all.svc",
        "PORT_": "5432",
        "DB": "app",
        "PW": ("api-database", "password"),
        "USER": ("api-database", "username"),
    }


def test_the_edge_names_the_secret_first_then_the_database_then_the_server() -> None:
    assert variables(("edges.api-pg.secret", "mine"))["DATABASE_URL_PASSWORD"][0] == "mine"
    own = {"app": {"owner": "api", "secret": "shared-database"}}
    assert variables(("services.pg.databases", own))["DATABASE_URL_PASSWORD"][0] == "shared-database"
    others = {"app": {"owner": "queue"}}
    assert variables(("services.pg.databases", others))["DATABASE_URL_PASSWORD"][0] == "api-pg"


def test_secrets_of_the_topology_stand_between_bindings_and_plain_values() -> None:
    found = variables(("services.api.secrets", {"MASTER_KEY": "api-rails/master-key"}))
    assert found["MASTER_KEY"] == ("api-rails", "master-key")
    assert list(found).index("REDIS_URL") < list(found).index("MASTER_KEY") < list(found).index("RAILS_ENV")


def test_a_server_outside_is_called_by_its_name_or_its_first_address() -> None:
    mail = ("edges.api-mail.env", {"MAIL_HOST": "{host}"})
    assert variables(mail, workload="api-worker")["MAIL_HOST"] == "mail.example.net"
    ranges = (("services.mail.hosts", None), ("services.mail.ranges", ["192.0.2.16/28"]))
    assert variables(mail, *ranges, workload="api-worker")["MAIL_HOST"] == "192.0.2.16"


def test_the_public_address_is_that_of_the_ingress() -> None:
    edge = {"from": "api", "to": "api2", "env": {"PUBLIC": "{public}/v1"}}
    second = {"component": "nextjs", "layer": "apps", "image": {"name": "x", "tag": "1"}}
    ingress = {"from": "ing", "to": "api2", "host": "web.{zone}"}
    found = variables(("services.api2", second), ("edges.ing-api2", ingress), ("edges.api-api2", edge))
    assert found["PUBLIC"] == "https://web.example.com/v1"
