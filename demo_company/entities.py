"""The 14 entities as they are exported: their columns, and how their files are split and named.
Belongs here: the layout. Does not belong here: rows, and defects of files (`mess.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from demo_company.plan import period_name

PERSON = ("contact_id", "email", "phone", "external_id")


@dataclass(frozen=True)
class Entity:
    """An entity's columns and files: `months` per file (0: one file for all), and file name suffixes
    that files take in turn (`csv`, `jsonl`, `csv.gz`)."""

    columns: tuple[str, ...]
    months: int = 0
    suffixes: tuple[str, ...] = ("csv",)


def _columns(text: str) -> tuple[str, ...]:
    return tuple(c for part in text.split() for c in (PERSON if part == "person" else (part,)))


ENTITIES = {
    "products": Entity(_columns("product_id name category brand unit_cost kind")),
    "currency_rates": Entity(_columns("rate_date currency_code rate")),
    "contacts": Entity(
        _columns(
            "contact_id created_at email phone external_id first_name last_name company job_title"
            " birth_date gender city region country_code acquisition_channel campaign referred_by"
            " lifecycle_status exit_reason exited_at marketing_consent updated_at deleted_at"
        ),
        months=3,
    ),
    "interactions": Entity(
        _columns(
            "interaction_id occurred_at person kind direction channel campaign content_id sentiment"
            " outcome"
        ),
        months=1,
        suffixes=("jsonl",),
    ),
    "support_tickets": Entity(
        _columns(
            "ticket_id opened_at person order_id topic first_response_at resolved_at satisfaction"
        ),
        months=3,
    ),
    "orders": Entity(
        _columns(
            "order_id ordered_at person status currency_code items_amount discount_amount"
            " shipping_amount tax_amount delivered_at promised_at channel campaign coupon_code"
            " updated_at"
        ),
        months=1,
    ),
    "order_lines": Entity(
        _columns("order_id line_number product_id quantity unit_price discount_amount unit_cost"),
        months=3,
    ),
    "payments": Entity(_columns("payment_id order_id paid_at method amount status"), months=3),
    "refunds": Entity(
        _columns(
            "refund_id order_id refunded_at amount items_amount tax_amount shipping_amount reason"
        )
    ),
    "checkouts": Entity(
        _columns(
            "checkout_id started_at person shipping_at payment_at completed_at abandoned_at"
            " order_id amount"
        ),
        months=3,
    ),
    "reviews": Entity(
        _columns(
            "review_id reviewed_at person order_id product_id rating title body platform is_public"
            " is_verified reply_at"
        ),
        months=3,
        suffixes=("csv", "jsonl"),
    ),
    "survey_responses": Entity(
        _columns("response_id responded_at person kind score order_id comment"),
        suffixes=("jsonl",),
    ),
    "referrals": Entity(
        _columns(
            "referral_id referred_at person referee_email referee_contact_id converted_order_id"
        )
    ),
    "loyalty_entries": Entity(
        _columns("entry_id occurred_at person kind points order_id tier"), suffixes=("csv.gz",)
    ),
}


@cache
def path_of(entity: str, period: tuple[int, int]) -> str:
    """The file that holds a period's records of an entity."""
    layout = ENTITIES[entity]
    if not layout.months:
        return f"{entity}.{layout.suffixes[0]}"
    turn = (period[0] * 12 + period[1]) // layout.months % len(layout.suffixes)
    return f"{entity}/{period_name(period, layout.months)}.{layout.suffixes[turn]}"


def entity_of(path: str) -> str:
    """The entity whose records a file holds."""
    return path.split("/")[0].split(".")[0]
