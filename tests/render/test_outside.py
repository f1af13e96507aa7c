from __future__ import annotations

from solutio_topology.render import render
from tests.render.worlds import changed, small

TEXT = small()["rendered/prod/outside.md"].text or ""
OWN = small()["rendered/prod/one/outside.md"].text or ""


def section(text: str, title: str) -> list[str]:
    """The lines of a section."""
    return text.split(f"\n## {title}\n\n")[1].split("\n\n## ")[0].rstrip("\n").splitlines()


def test_pools_have_their_labels_and_taints() -> None:
    assert section(TEXT, "Node pools")[2:] == [
        "| apps | s | 2 | `topology.solutio.dev/pool=apps` |  |",
        "| data | s | 1 | `topology.solutio.dev/pool=data` | `topology.solutio.dev/pool=data:NoSchedule` |",
    ]
    assert section(OWN, "Node pools")[2:] == [
        "| one | s | 1 | `topology.solutio.dev/pool=one` | `topology.solutio.dev/pool=one:NoSchedule` |",
    ]


def test_a_tenant_pod_of_its_own_has_a_list_of_its_own() -> None:
    assert section(TEXT, "Tenant pods") == [
        "Each of these has a list of its own, `rendered/prod/<tenant pod>/outside.md`:",
        "`one`",
    ]
    assert "one" not in TEXT.split("## Tenant pods")[0].replace("one side", "").split()
    assert OWN.startswith("# What stands outside the manifests of one in prod\n")


def test_the_firewall_opens_the_media_ports_of_the_nodes() -> None:
    lines = section(TEXT, "Firewall")
    assert lines[0].startswith("- [ ] TCP 7881 from anywhere to the nodes")
    assert lines[1].startswith("- [ ] UDP 50000-60000 from anywhere to the nodes")
    assert "k8s:<cluster id>" in lines[2]


def test_every_secret_is_listed_with_its_keys_and_its_origin() -> None:
    assert section(TEXT, "Secrets")[4:] == [
        "| cert-manager | cloudflare-api-token | `api-token` | `small/prod/platform/cloudflare-api-token`"
        " in the store `vault` |",
        "| external-dns | cloudflare-api-token | `api-token` | `small/prod/platform/cloudflare-api-token`"
        " in the store `vault` |",
        "| small-all | api-database | `password`, `username` | `small/prod/all/api-database` in the store `vault` |",
        "| small-all | redis-auth | `password` | `small/prod/all/redis-auth` in the store `vault` |",
        "| small-all | registry | `.dockerconfigjson` | `small/prod/all/registry` in the store `vault` |",
        "| small-all-media | livekit-api | `keys` | `small/prod/all/livekit-api` in the store `vault` |",
        "| small-all-media | redis-auth | `password` | `small/prod/all/redis-auth` in the store `vault` |",
        "| small-all-media | registry | `.dockerconfigjson` | `small/prod/all/registry` in the store `vault` |",
    ]
    assert section(OWN, "Secrets")[4:] == [
        "| small-one | api-database | `password`, `username` | `small/prod/one/api-database` in the store `vault` |",
        "| small-one | redis-auth | `password` | `small/prod/one/redis-auth` in the store `vault` |",
        "| small-one | registry | `.dockerconfigjson` | `small/prod/one/registry` in the store `vault` |",
    ]


def test_third_parties_are_named_and_one_without_an_address_stands_out() -> None:
    assert section(TEXT, "Third parties") == ["- [ ] mail: `mail.example.net` (edges `api-mail`)"]
    text = render(changed(("services.mail.hosts", None)))["rendered/prod/outside.md"].text or ""
    assert section(text, "Third parties") == ["- [ ] mail: **no address is declared** (edges `api-mail`)"]


def test_without_a_provider_the_secrets_are_the_reader_s_to_bring() -> None:
    files = render(changed(("platform.secrets", {"provider": "none"})))
    assert section(files["rendered/prod/outside.md"].text or "", "Secrets")[-1].endswith("| yourself |")
