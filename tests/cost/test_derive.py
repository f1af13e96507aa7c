"""Each formula of the bill, with its numbers worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from solutio_topology.cost.model import Fault, Kind, Listing
from tests.cost.world import DEDICATED, amounts, bill, graph

NODE_USD = 24
"""s-2vcpu-4gb, a month."""
BIG_NODE_USD = 48
"""s-4vcpu-8gb, a month."""
VOLUME_USD_PER_GIB = Decimal("0.10")
BUCKETS_USD, BUCKETS_INCLUDED_GIB, BUCKETS_USD_PER_GIB = 5, 250, Decimal("0.02")


def test_the_whole_bill_of_a_small_topology() -> None:
    assert amounts(bill()) == {
        "nodes/apps": str(2 * NODE_USD) + ".00",
        "volume/all/db/data": f"{10 * VOLUME_USD_PER_GIB:.2f}",
        "object-storage": f"{BUCKETS_USD}.00",
    }


def test_a_line_says_how_much_of_what_at_which_price_and_where_that_was_read() -> None:
    line = bill().items[0]
    assert (line.quantity, line.unit, line.unit_price, line.price_key) == (2, "node-month", 24, "s-2vcpu-4gb")
    assert (line.listing.currency, line.listing.source) == ("USD", "digitalocean.com/pricing")
    assert str(line.listing.date) == "2026-09-27"
    assert (line.kind, line.pool, line.pointer) == (Kind.DERIVED, "apps", ("platform", "pools", "apps", "size"))
    assert str(line) == "node pool apps: 2 node-month × 24 = 48.00"


def test_a_tenant_pod_with_a_pool_pays_its_own_nodes_and_volumes() -> None:
    found = bill(*DEDICATED, ("pods/acme/services", {"db": {"storage": "25Gi"}}))
    assert amounts(found)["nodes/acme"] == f"{BIG_NODE_USD}.00"
    assert amounts(found)["volume/acme/db/data"] == f"{25 * VOLUME_USD_PER_GIB:.2f}"
    assert {item.pod for item in found.items if item.name.startswith(("nodes/acme", "volume/acme"))} == {"acme"}
    node = next(item for item in found.items if item.name == "nodes/acme")
    assert node.pointer == ("tiers", "own", "pool", "size")


@pytest.mark.parametrize(
    ("change", "gib"),
    [
        (("services/db/replicas", 3), 3 * 10),
        (("services/db/replicas", {"min": 2, "max": 5}), 2 * 10),
        (("services/db/storage", "100Gi"), 100),
        (("services/db/storage", "10500Mi"), 11),  # 10.25 GiB: volumes are whole GiB
        (("services/db/storage", "10G"), 10),  # 9.3 GiB
        (("components/store/workload", "Deployment"), 10),
        (("services/db/volumes", {"cache": {"path": "/c", "size": "4Gi", "claim": True}}), 10 + 4),
        (("services/db/volumes", {"cache": {"path": "/c", "size": "4Gi"}}), 10),  # an empty folder costs nothing
    ],
)
def test_volumes_are_counted_in_whole_gib(change: tuple[str, Any], gib: int) -> None:
    found = sum(item.monthly for item in bill(change).items if item.category == "volumes")
    assert found == gib * VOLUME_USD_PER_GIB


def test_replicas_of_a_deployment_share_one_volume() -> None:
    found = amounts(bill(("components/store/workload", "Deployment"), ("services/db/replicas", 4)))
    assert found["volume/all/db/data"] == "1.00"


@pytest.mark.parametrize(
    ("stored", "usd"), [("0Gi", "0.00"), ("250Gi", "0.00"), ("251Gi", "0.02"), ("1000Gi", "15.00"), ("1Ti", "15.48")]
)
def test_object_storage_includes_250_gib(stored: str, usd: str) -> None:
    found = amounts(bill(("costs/usage", {"prod": {"stored": {"spaces": stored}}})))
    assert (found["object-storage"], found["object-storage/stored"]) == (f"{BUCKETS_USD}.00", usd)


def test_what_is_not_stated_is_told_and_not_counted() -> None:
    assert [(each.subject, each.why) for each in bill().unknown] == [
        ("services without a price", "nothing says what they cost: mail"),
        (
            "storage of spaces",
            "how much is stored is not stated: 250 GiB are included; each further GiB costs 0.02 USD",
        ),
        (
            "egress traffic",
            "how much leaves the nodes is not stated: 8,000 GiB are included with the nodes; "
            "each further GiB costs 0.01 USD",
        ),
    ]


@pytest.mark.parametrize(("egress", "usd"), [("1Ti", "0.00"), ("8000Gi", "0.00"), ("8100Gi", "1.00"), ("8Ti", "1.92")])
def test_egress_beyond_what_the_nodes_include(egress: str, usd: str) -> None:
    found = bill(("costs/usage", {"prod": {"egress": egress}}))  # 2 nodes × 4,000 GiB are included
    assert amounts(found)["egress"] == usd
    assert [each.subject for each in found.unknown] == ["services without a price", "storage of spaces"]


@pytest.mark.parametrize(
    ("changes", "usd"),
    [
        ([("platform/kubernetes", "1.35")], None),
        ([("platform/kubernetes", "1.36")], "40.00"),
        ([("platform/kubernetes", "1.40")], "40.00"),
        ([("platform/kubernetes", "1.36"), ("platform/highAvailability", False)], None),
        ([("platform/kubernetes", "1.34"), ("platform/highAvailability", True)], "40.00"),
        ([("environments/prod/platform", {"kubernetes": "1.36"})], "40.00"),
        ([("environments/prod/platform", {"highAvailability": True})], "40.00"),
    ],
)
def test_the_control_plane_runs_several_times_from_136_on(changes: list[tuple[str, Any]], usd: str | None) -> None:
    assert amounts(bill(*changes)).get("control-plane") == usd


def test_a_single_control_plane_is_announced_to_cost_later() -> None:
    told = "control plane: single, and free; from Kubernetes 1.36 on DOKS runs it several times for 40 USD"
    assert any(note.startswith(told) for note in bill().notes)
    assert bill(("platform/highAvailability", False)).notes == ()


def test_load_balancers_of_the_ingress_and_of_what_is_reached_past_it() -> None:
    found = bill(
        ("services/gate", {"component": "ingress-nginx", "layer": "apps"}),
        ("services/web/expose", "load-balancer"),
        ("edges/gate-db", {"from": "gate", "to": "web", "host": "x.{zone}"}),
        ("edges/sensors-web", {"from": "sensors", "to": "web", "via": "load-balancer"}),
    )
    known = amounts(found)
    assert (known["load-balancer/all/gate"], known["load-balancer/all/web"]) == ("12.00", "15.00")


DOCR = ("platform/registry", "registry.digitalocean.com/world")


@pytest.mark.parametrize(
    ("images", "stored", "lines"),
    [
        (1, None, {"registry": "0.00"}),  # starter: 1 repository, 0.5 GiB
        (1, "1Gi", {"registry": "5.00"}),  # starter cannot grow
        (5, None, {"registry": "5.00"}),
        (5, "55Gi", {"registry": "5.00", "registry/stored": "1.00"}),  # 50 GiB × 0.02
        (6, None, {"registry": "20.00"}),
        (6, "150Gi", {"registry": "20.00", "registry/stored": "1.00"}),
        (5, "900Gi", {"registry": "5.00", "registry/stored": "17.90"}),  # professional: 20 + 800 × 0.02
    ],
)
def test_the_cheapest_plan_of_the_registry_that_holds_the_images(
    images: int, stored: str | None, lines: dict[str, str]
) -> None:
    services = {
        f"s{number}": {"component": "app", "layer": "apps", "image": {"name": f"i{number}", "tag": "1"}}
        for number in range(images)
    }
    usage = {"prod": {"registry": stored}} if stored else {}
    found = amounts(
        bill(
            DOCR,
            ("services", services),
            ("edges", {}),
            ("tiers", {"basic": {"tenancy": "shared"}}),
            ("costs/usage", usage),
        )
    )
    assert {name: usd for name, usd in found.items() if name.startswith("registry")} == lines


def test_images_of_others_do_not_count_for_the_registry() -> None:
    own = {"name": "web", "tag": "1", "registry": "docker.io/library"}
    found = bill(DOCR, ("services/web/image", own))
    assert [item.title for item in found.items if item.name == "registry"] == ["registry: 1 image"]


def test_what_the_account_has_once_is_paid_in_one_environment() -> None:
    staging = bill(
        DOCR, ("costs/items", {"mail": {"title": "Mail", "monthly": 9, "service": "mail"}}), environment="staging"
    )
    assert amounts(staging) == {"nodes/apps": "48.00", "volume/all/db/data": "1.00"}
    assert staging.notes[:2] == (
        "counted in prod, not here: mail",
        "what the account pays once (registry, object storage) is counted in prod",
    )
    other = bill(DOCR, ("costs/environment", "staging"), environment="staging")
    assert {"registry", "object-storage"} <= amounts(other).keys()


def test_what_another_environment_stores_includes_nothing() -> None:
    found = bill(("costs/usage", {"staging": {"stored": {"spaces": "100Gi"}}}), environment="staging")
    assert amounts(found)["object-storage/stored"] == f"{100 * BUCKETS_USD_PER_GIB:.2f}"


ITEMS = {
    "nodes": {"title": "Two nodes", "monthly": 48, "pool": "apps"},
    "mail": {"title": "Mail plan", "monthly": 15, "service": "mail"},
    "files": {"title": "Files", "monthly": 20, "service": "spaces"},
    "support": {"title": "Support", "monthly": 29},
}


def test_items_of_the_page_are_derived_where_they_can_be_and_stand_as_stated_where_not() -> None:
    found = bill(("costs/items", ITEMS))
    assert [(item.page, item.title, item.kind.value, str(item.monthly)) for item in found.on_page] == [
        ("nodes", "Two nodes", "derived", "48.00"),
        ("mail", "Mail plan", "declared", "15.00"),
        ("files", "Files", "declared", "20.00"),
        ("support", "Support", "declared", "29.00"),
    ]
    assert amounts(found).keys().isdisjoint({"object-storage"})
    stored = bill(("costs/items", ITEMS), ("costs/usage", {"prod": {"stored": {"spaces": "1000Gi"}}}))
    assert [(item.page, str(item.monthly)) for item in stored.on_page if item.page == "files"] == [
        ("files", "5.00"),
        ("files", "15.00"),
    ]


def test_an_item_for_a_pool_that_is_not_there_is_not_counted() -> None:
    found = bill(("costs/items", {"gone": {"title": "Gone", "monthly": 99, "pool": "gone"}}))
    assert "stated/gone" not in amounts(found)


EUR = {"EUR": {"rate": "1.10", "date": "2026-11-01", "source": "bank"}}


def test_amounts_of_another_currency_are_converted_at_the_stated_rate() -> None:
    found = bill(
        ("costs/rates", {"EUR": {**EUR["EUR"], "rate": 1.1}}),
        ("costs/items", {"mail": {"title": "Mail", "monthly": 10, "currency": "EUR", "service": "mail"}}),
        ("costs/prices", {"s-2vcpu-4gb": {"amount": 20, "currency": "EUR", "date": "2026-11-01"}}),
    )
    assert (amounts(found)["stated/mail"], amounts(found)["nodes/apps"]) == ("11.00", "44.00")
    node = found.items[1]
    assert (node.unit_price, node.listing.amount, node.listing.currency) == (Decimal("22.0"), 20, "EUR")


def test_the_whole_bill_in_another_currency() -> None:
    brl = bill(("costs/currency", "BRL"), ("costs/rates", {"USD": {"rate": 5.4, "date": "2026-11-01", "source": "x"}}))
    assert amounts(brl)["nodes/apps"] == f"{2 * NODE_USD * Decimal('5.4'):.2f}"


def test_ones_own_price_comes_first() -> None:
    own = {"amount": 20, "date": "2026-11-20", "source": "contract", "included": 6000}
    found = bill(("costs/prices", {"s-2vcpu-4gb": own}))
    assert amounts(found)["nodes/apps"] == "40.00"
    assert found.items[0].listing.source == "contract"
    assert "12,000 GiB are included" in found.unknown[-1].why


def test_a_size_that_the_book_lacks_is_a_fault_and_never_free() -> None:
    found = bill(("platform/pools/apps/size", "s-9vcpu-9gb"))
    assert "nodes/apps" not in amounts(found)
    assert found.faults == (
        Fault(
            "price",
            ("platform", "pools", "apps", "size"),
            "price s-9vcpu-9gb",
            "there is no price for 's-9vcpu-9gb': what node pool apps costs cannot be told",
            "state it: costs: {prices: {s-9vcpu-9gb: {amount: …, date: …}}}",
        ),
    )


def test_the_list_prices_are_those_of_doks_only() -> None:
    found = bill(("platform/orchestrator", "kubernetes"))
    assert [fault.subject for fault in found.faults] == ["price s-2vcpu-4gb", "price volume"]
    free = {"s-2vcpu-4gb": {"amount": 7, "date": "2026-11-01"}, "volume": {"amount": 0, "date": "2026-11-01"}}
    own = bill(("platform/orchestrator", "kubernetes"), ("costs/prices", free))
    assert (own.faults, amounts(own)) == ((), {"nodes/apps": "14.00", "volume/all/db/data": "0.00"})


def test_two_currencies_without_a_rate_are_a_fault() -> None:
    found = bill(("costs/currency", "BRL"))
    assert {fault.rule for fault in found.faults} == {"currency"}
    assert found.items == ()


def test_a_price_of_ones_own_without_a_rate_is_told_where_it_stands() -> None:
    own = {"s-2vcpu-4gb": {"amount": 20, "currency": "EUR", "date": "2026-11-01"}}
    assert [fault.pointer for fault in bill(("costs/prices", own)).faults] == [
        ("costs", "prices", "s-2vcpu-4gb", "currency")
    ]


def test_who_uses_what() -> None:
    found = bill(*DEDICATED)
    assert {item.name: (item.layer, item.pod) for item in found.items} == {
        "nodes/apps": ("", ""),
        "nodes/acme": ("data", "acme"),
        "volume/all/db/data": ("data", "all"),
        "volume/acme/db/data": ("data", "acme"),
        "object-storage": ("data", ""),
    }


def test_a_pool_on_which_nothing_runs_is_paid_all_the_same() -> None:
    found = bill(("platform/pools/spare", {"size": "s-2vcpu-4gb", "nodes": 1, "dedicated": True}))
    assert amounts(found)["nodes/spare"] == "24.00"
    spare = next(item for item in found.items if item.name == "nodes/spare")
    assert (spare.layer, spare.pod) == ("", "all")


@pytest.mark.parametrize(
    ("changes", "services"),
    [
        ([], ("mail",)),
        ([("costs/items", {"mail": {"title": "Mail", "monthly": 0, "service": "mail"}})], ()),
        ([("platform/pools", {})], ("web", "db", "mail")),
        ([("platform/pools/apps/dedicated", True)], ("web", "db", "mail")),  # neither names it
        ([("platform/pools/apps/dedicated", True), ("services/web/pool", "apps")], ("db", "mail")),
        ([("services/mail/placement", "client")], ()),
    ],
)
def test_services_that_nothing_pays_for_are_named(changes: list[tuple[str, Any]], services: tuple[str, ...]) -> None:
    found = bill(*changes)
    assert found.unpriced == services
    told = [each.why for each in found.unknown if each.subject == "services without a price"]
    assert told == ([f"nothing says what they cost: {', '.join(services)}"] if services else [])


def test_a_stated_line_keeps_what_is_known_of_its_price() -> None:
    item = {"title": "Mail", "monthly": 9, "service": "mail", "date": "2026-10-01", "source": "invoice"}
    found = bill(("costs/items", {"mail": item}))
    listing = found.on_page[0].listing
    assert (listing.source, str(listing.date)) == ("invoice", "2026-10-01")
    assert isinstance(listing, Listing)


def test_graph_and_bill_are_of_one_environment() -> None:
    assert (graph().name, bill().environment) == ("prod", "prod")
