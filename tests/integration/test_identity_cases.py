"""Whole small companies whose identity resolution is hard (issue 21, cases 11 to 13): shared identifiers,
placeholders, contact ids and merges of the CRM, delivered at once and in several runs. Each result is
compared with a full refresh."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from dagster_project.warehouse import Warehouse
from tests.support.incremental_runs import Company, Delivery

PARSED: list[Any] = []
AS_OF = date(2025, 7, 1)
Runs = list[dict[str, list[dict[str, Any]]]]
Groups = set[frozenset[str]]


def order(order_id: str, day: int = 1, **names: str) -> dict[str, Any]:
    return {
        "order_id": order_id, "ordered_at": f"2025-03-{day:02}T10:00:00Z", "items_amount": "10.00",
        "currency_code": "EUR", **names,
    }  # fmt: skip


def contact(contact_id: str, day: int = 1, **names: str) -> dict[str, Any]:
    return {"contact_id": contact_id, "created_at": f"2025-02-{day:02}T10:00:00Z", **names}


def orders(prefix: str, count: int, names: Callable[[int], dict[str, str]]) -> list[dict[str, Any]]:
    return [order(f"{prefix}{n}", n, **names(n)) for n in range(1, count + 1)]


def phone(number: int) -> str:
    return f"+4207771112{number:02}"


def apart(names: Iterable[str]) -> Groups:
    return {frozenset([name]) for name in names}


def together(*names: str) -> frozenset[str]:
    return frozenset(names)


# Every company has its own prefix of everything, so that one warehouse holds them all.
SHARED: Runs = [
    {
        "orders": [
            # Eight phones beside the mailbox of a market place, no contacts: eight customers.
            *orders("market", 8, lambda n: {"email": "orders@market.test", "phone": phone(n)}),
            # One phone of a call centre, eight e-mails.
            *orders("centre", 8, lambda n: {"phone": "+420800123000", "email": f"centre{n}@x.test"}),
            # One external id of a till, eight e-mails; of another, eight phones.
            *orders("till", 8, lambda n: {"external_id": "TILL", "email": f"till{n}@x.test"}),
            *orders("pos", 8, lambda n: {"external_id": "POS", "phone": phone(20 + n)}),
            # One mailbox, eight cards.
            *orders("cards", 8, lambda n: {"email": "cards@x.test", "external_id": f"CARD{n}"}),
            # A family: one phone, four e-mails. Five persons are allowed.
            *orders("family", 4, lambda n: {"phone": phone(40), "email": f"family{n}@x.test"}),
            # A contact id of a shop with many phones over the years is one person.
            *orders("mover", 7, lambda n: {
                "contact_id": "mover", "email": "mover@x.test", "phone": phone(50 + n)
            }),
            order("mover8", 8, email="mover@x.test"),
            # One external id, one e-mail, one phone: a new contact id with every order.
            *orders("six", 6, lambda n: {"external_id": "SIX", "contact_id": f"six{n}"}),
            *orders("mail", 6, lambda n: {"email": "mail@x.test", "contact_id": f"mail{n}"}),
            *orders("call", 6, lambda n: {"phone": phone(60), "contact_id": f"call{n}"}),
            *orders("all", 6, lambda n: {
                "phone": phone(61), "email": "all@x.test", "external_id": "ALL", "contact_id": f"all{n}"
            }),
            # The CRM holds the contacts too: for an external id they are still one person.
            *orders("crm", 6, lambda n: {"external_id": "CRM", "contact_id": f"crm{n}"}),
            # Contacts who are also seen with a card of their own: the card is shared.
            *orders("lent", 6, lambda n: {"external_id": "LENT", "contact_id": f"lent{n}"}),
            *orders("own", 6, lambda n: {"external_id": f"OWN{n}", "contact_id": f"lent{n}"}),
        ],
        "contacts": [
            contact("mover", email="mover@x.test"),
            *(contact(f"crm{n}", external_id="CRM") for n in range(1, 7)),
            # An info@ mailbox that the CRM holds six times joins nobody.
            *(contact(f"info{n}", email="info@x.test") for n in range(1, 7)),
        ],
    },
    {"orders": orders("info", 6, lambda n: {"contact_id": f"info{n}"})},
]  # fmt: skip
SHARED_CUSTOMERS: Groups = {
    *apart(f"{name}{n}" for name in ("market", "centre", "till", "pos", "cards") for n in range(1, 9)),
    *apart(f"info{n}" for n in range(1, 7)),
    together(*(f"family{n}" for n in range(1, 5))),
    together(*(f"mover{n}" for n in range(1, 9))),
    *(
        together(*(f"{name}{n}" for n in range(1, 7)))
        for name in ("six", "mail", "call", "all", "crm")
    ),
    *(together(f"lent{n}", f"own{n}") for n in range(1, 7)),
}  # fmt: skip

PLACEHOLDERS: Runs = [
    {
        "orders": [
            *orders("zero", 2, lambda n: {"external_id": "0", "email": f"zero{n}@x.test"}),
            *orders("none", 2, lambda n: {"external_id": f"NONE{n}", "email": "none@shop.test"}),
            *orders("same", 2, lambda n: {"external_id": f"SAME{n}", "phone": "+420000000000"}),
            *orders("guest", 2, lambda n: {"contact_id": "0", "phone": phone(n)}),
            *orders("only", 2, lambda _: {"external_id": "N/A", "email": "test@x.test", "phone": "12345"}),
        ],
    }
]  # fmt: skip
PLACEHOLDER_CUSTOMERS = apart(
    f"{name}{n}" for name in ("zero", "none", "same", "guest") for n in (1, 2)
)

# Versions of three contacts of the CRM in the runs after they were delivered: contact, merged into, and more.
Merge = tuple[str, str | None, dict[str, str]]
MERGES: dict[str, tuple[list[Merge], list[str]]] = {
    "one": ([("a", "b", {})], ["ab", "c"]),
    "chain": ([("a", "b", {}), ("b", "c", {})], ["abc"]),
    "backwards": ([("b", "a", {}), ("c", "b", {})], ["abc"]),
    "taken_back": ([("a", "b", {}), ("b", "c", {}), ("b", "", {})], ["ab", "c"]),
    "all_taken_back": ([("a", "b", {}), ("a", None, {})], ["a", "b", "c"]),
    "into_another": ([("a", "b", {}), ("a", "c", {})], ["ac", "b"]),
    "deleted": ([("a", "b", {"deleted_at": "2025-04-01T10:00:00Z"})], ["ab", "c"]),
    "deleted_later": (
        [("a", "b", {}), ("a", "b", {"deleted_at": "2025-04-01T10:00:00Z"})],
        ["ab", "c"],
    ),
    "other_address": ([("a", "b", {"email": "new@x.test"})], ["ab", "c"]),
    "unknown": ([("a", "gone", {}), ("b", "gone", {})], ["ab", "c"]),
    "placeholder": ([("a", "0", {}), ("b", "0", {})], ["a", "b", "c"]),
    "circle": ([("a", "b", {}), ("b", "a", {})], ["ab", "c"]),
}


def merges(case: str) -> tuple[Runs, Groups]:
    """The runs of a case, and the orders of each customer after them. Every contact has an order of its own,
    and an order as a guest that names the first e-mail alone."""
    said, expected = MERGES[case]
    named = {name: f"{case}_{name}" for name in "abc"}
    known = {
        name: contact(id_, day, email=f"{id_}@x.test")
        for day, (name, id_) in enumerate(named.items(), 1)
    }
    runs: Runs = [
        {
            "contacts": list(known.values()),
            "orders": [
                *(order(f"own_{id_}", contact_id=id_) for id_ in named.values()),
                *(order(f"guest_{id_}", email=f"{id_}@x.test") for id_ in named.values()),
            ],
        }
    ]
    for run, (name, into, more) in enumerate(said, 1):
        merged_into = named.get(into or "", into if into in ("0", "", None) else f"{case}_{into}")
        email = f"{case}_{more['email']}" if "email" in more else known[name]["email"]
        version = {"merged_into": merged_into, "updated_at": f"2025-04-0{run}T10:00:00Z"}
        runs.append({"contacts": [{**known[name], **more, **version, "email": email}]})
    groups = {
        frozenset(f"{kind}_{named[name]}" for name in names for kind in ("own", "guest"))
        for names in expected
    }
    if case == "other_address":  # the newest version of the contact has lost the guest's e-mail
        guest = {"guest_other_address_a"}
        groups = {*(group - guest for group in groups), frozenset(guest)}
    return runs, groups


def all_merges() -> tuple[Runs, Groups]:
    """All cases as one company: the first runs of all, then the second ones."""
    found = [merges(case) for case in MERGES]
    runs = [
        {
            entity: [one for run in together if run for one in run.get(entity, [])]
            for entity in ("contacts", "orders")
        }
        for together in zip_longest(*(runs for runs, _ in found))
    ]
    return runs, {group for _, groups in found for group in groups}


def at_once(runs: Runs) -> Runs:
    """Everything in one delivery."""
    return [
        {
            entity: [one for run in runs for one in run.get(entity, [])]
            for entity in ("contacts", "orders")
        }
    ]


def customers(company: Company) -> Groups:
    """The orders of each customer."""
    return {
        frozenset(found)
        for (found,) in query(
            company,
            "select list(order_id) from core.fct_orders where customer_id is not null group by customer_id",
        )
    }


def query(company: Company, sql: str) -> list[tuple[Any, ...]]:
    with Warehouse(company.settings).connect(read_only=True) as connection:
        found: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
        return found


def built(folder: Path, runs: Iterable[Delivery]) -> Company:
    """A company after its runs; the last build equals a full refresh."""
    company = Company(folder, PARSED)
    for run in runs:
        company.run(run, AS_OF)
    incremental = company.marts()
    company.full_refresh(AS_OF)
    assert company.marts() == incremental
    return company


def reversed_by_record(runs: Runs) -> Runs:
    """The orders in reverse, and the contacts after them: a run for each half."""
    found = [order for run in runs for order in run.get("orders", [])][::-1]
    contacts = [one for run in runs for one in run.get("contacts", [])]
    half = len(found) // 2
    return [{"orders": found[::2]}, {"orders": found[1::2][:half]}, {"contacts": contacts}]


@pytest.mark.parametrize(
    "split",
    [list, pytest.param(reversed_by_record, marks=pytest.mark.slow)],
    ids=["delivered", "reversed"],
)
def test_identifiers_of_many_persons_join_nobody_and_those_of_one_do(
    tmp_path: Path, split: Callable[[Runs], Runs]
) -> None:
    assert customers(built(tmp_path / "company", split(SHARED))) == SHARED_CUSTOMERS


def test_placeholders_identify_nobody_and_are_counted(tmp_path: Path) -> None:
    company = built(tmp_path / "company", PLACEHOLDERS)
    assert customers(company) == PLACEHOLDER_CUSTOMERS
    assert query(company, "select order_id from core.fct_orders where customer_id is null order by 1") == [
        ("only1",), ("only2",),
    ]  # fmt: skip
    found = query(company, "from core.rpt_identity_exceptions order by all")
    assert found == [
        ("contact_id", "placeholder", 1, 2, 0, 2),
        ("email", "placeholder", 2, 4, 2, 2),
        ("external_id", "placeholder", 2, 4, 2, 2),
        ("phone", "placeholder", 2, 4, 2, 2),
    ]


@pytest.mark.parametrize(
    "delivered", [list, pytest.param(at_once, marks=pytest.mark.slow)], ids=["runs", "at_once"]
)
def test_contacts_merged_in_the_crm_are_one_customer(
    tmp_path: Path, delivered: Callable[[Runs], Runs]
) -> None:
    runs, expected = all_merges()
    company = built(tmp_path / "company", delivered(runs))
    assert customers(company) == expected
    shown = query(
        company,
        "select count(*), count(joined_with_key) from core.customer_identity_ledger"
        " where joined_by = 'merge'",
    )
    assert shown == [(15, 15)]


def test_the_elder_id_lives_on_after_a_merge_and_returns_with_the_split(tmp_path: Path) -> None:
    """The elder contact is merged into the younger one, whose id sorts first."""
    elder, younger = contact("z", 1), contact("a", 2)
    crm_orders = [order("of_elder", contact_id="z"), order("of_younger", contact_id="a")]
    company = Company(tmp_path / "company", PARSED)

    def ids() -> dict[str, str]:
        return dict(query(company, "select order_id, customer_id::varchar from core.fct_orders"))

    company.run({"contacts": [elder, younger], "orders": crm_orders}, AS_OF)
    before = ids()
    said = {**elder, "merged_into": "a", "updated_at": "2025-04-01T10:00:00Z"}
    company.run({"contacts": [said]}, AS_OF)
    assert set(ids().values()) == {before["of_elder"]}
    redirects = query(company, "select former_customer_id::varchar from core.customer_redirects")
    assert redirects == [(before["of_younger"],)]
    taken_back = {**elder, "merged_into": "", "updated_at": "2025-04-02T10:00:00Z"}
    company.run({"contacts": [taken_back]}, AS_OF)
    assert ids() == before


def test_a_mailbox_becomes_shared_and_is_so_no_more(tmp_path: Path) -> None:
    """The sixth person makes it shared; when their order is corrected, all are one customer again."""
    first = orders("o", 5, lambda n: {"email": "team@x.test", "phone": phone(n)})
    sixth = order("o6", 6, email="team@x.test", phone=phone(6))
    corrected = order("o6", 6, email="other@x.test", phone=phone(6))
    one = together(*(f"o{n}" for n in range(1, 6)))
    company = Company(tmp_path / "company", PARSED)
    company.run({"orders": first}, AS_OF)
    assert customers(company) == {one}
    company.run({"orders": [sixth]}, AS_OF)
    assert customers(company) == apart(f"o{n}" for n in range(1, 7))
    company.run({"orders": [corrected]}, AS_OF)
    assert customers(company) == {one, together("o6")}
    incremental = company.marts()
    company.full_refresh(AS_OF)
    assert company.marts() == incremental
