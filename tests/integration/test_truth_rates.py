"""How often personas and reasons for leaving agree with the truth about the demo company's people: rates that
were measured and must hold. Belongs here: the two marts that infer more than records state. Does not belong
here: stages and money, which must equal the truth (`test_demo_build.py`).

What the generator knows and what it does not:
- Personas: it knows who works for a company, and how fast a customer buys while alive. It has no types of
  person: all people get discounts and content by the same chances. So `bargain_hunter`, `researcher` and
  `browser` can only be compared with their own rule, applied to the true life.
- Leaving: it knows who left for good, and the reason that some gave the CRM. It makes no customer leave for a
  bad delivery, a refund, an opinion or a price: a customer who states nothing just stopped (`silence`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest

from demo_company.accounts import OrderTruth
from demo_company.company import batches
from demo_company.lives import Life
from demo_company.plan import Plan
from demo_company.truth import PersonTruth, truth
from tests.support.installation import Installation

MARGIN = 0.02
SERVED = """
    select identifier_type || '=' || identifier, persona, coalesce(reasons, []), coalesce(evidence, [])
    from intermediate.int_customer_identifiers
    join core.dim_customers using (customer_id)
    left join (
        select customer_id, list(reason order by reason_rank) as reasons
        from care.fct_churn_reasons where is_current group by customer_id
    ) using (customer_id)
    left join (
        select customer_id, list(reason) as evidence
        from intermediate.int_churn_reasons_evidenced
        join intermediate.int_lost_intervals using (customer_id, entry_number)
        where is_current group by customer_id
    ) using (customer_id)
"""
STATED = {
    "price": "stated_price",
    "competitor": "stated_competitor",
    "late delivery": "stated_delivery",
    "no longer needed": "stated_no_need",
    "bad service": "stated_service",
}


@dataclass(frozen=True)
class Someone:
    """A customer: the truth, and the warehouse's results. `reasons` are those of the open interval in `lost`,
    the main one first, and `evidence` is what they were chosen from; empty when the customer is not lost."""

    true: PersonTruth
    life: Life
    orders: list[OrderTruth]
    persona: str
    reasons: list[str]
    evidence: list[str]

    @property
    def stated(self) -> str:
        """The reason that a contact of theirs states; empty if none does."""
        contacts = [contact for contact in self.life.who.contacts if contact.deleted_at is None]
        return next((STATED[each.exit_reason] for each in contacts if each.exited_at), "")


@pytest.fixture(scope="module")
def everybody(demo: Installation) -> list[Someone]:
    with demo.private() as connection:
        served = {name: row for name, *row in connection.execute(SERVED).fetchall()}
    known = truth(Plan())
    lives = {life.who.number: life for batch in batches(Plan()) for life in batch.lives}
    orders = defaultdict(list)
    for order in sorted(known.orders, key=lambda each: (each.ordered_at, each.order_id)):
        if order.is_counted and order.person:
            orders[order.person].append(order)
    return [
        Someone(
            each, lives[each.number], orders[each.number], *served["=".join(each.identifiers[0])]
        )
        for each in known.people
        if each.is_seen
    ]


def _rate(these: Iterable[bool]) -> float:
    counted = list(these)
    assert len(counted) > 100
    return sum(counted) / len(counted)


def _persona(someone: Someone) -> str:
    """The persona by its definition, applied to the true life."""
    person, life = someone.true, someone.life
    if any(each.details[2] and each.deleted_at is None for each in life.who.contacts):
        return "business_buyer"
    if len(person.counted_order_ids) >= 4:
        return "enthusiast"
    if person.gross and person.discount / person.gross >= Decimal("0.15"):
        return "bargain_hunter"
    if person.counted_order_ids:
        return "occasional_buyer"
    seen = [touch.kind in ("content_view", "knowledge_base_view") for touch in life.interactions]
    return "researcher" if sum(seen) >= 3 else "browser"


def test_every_persona_is_that_of_the_life_lived(everybody: list[Someone]) -> None:
    """Through all the mess of the files, 100 %."""
    assert [each.persona for each in everybody] == [_persona(each) for each in everybody]


def test_business_buyers_are_people_of_companies(everybody: list[Someone]) -> None:
    """No other customer is one. Of those who work for a company 87.5 % are: the others have no contact (any
    more)."""
    called = [each for each in everybody if each.persona == "business_buyer"]
    assert all(each.life.who.details[2] for each in called)
    rate = _rate(each in called for each in everybody if each.life.who.details[2])
    assert rate == pytest.approx(0.875, abs=MARGIN)


def test_enthusiasts_buy_faster_by_nature(everybody: list[Someone]) -> None:
    """Of an enthusiast and an occasional buyer drawn at random, the enthusiast has the higher true purchase
    rate in 71 % of cases (chance: 50 %). The number of orders also depends on how long a customer was alive."""
    natures: dict[str, list[float]] = defaultdict(list)
    for each in everybody:
        natures[each.persona].append(each.true.purchase_rate)
    others = natures["occasional_buyer"]
    higher = _rate(fast > slow for fast in natures["enthusiast"] for slow in others)
    assert higher == pytest.approx(0.712, abs=MARGIN)


def test_lost_is_gone_for_good(everybody: list[Someone]) -> None:
    """77 % of the lost customers have left for good; the others are slow. 72 % of those who left are lost; the
    lapse window of the others is not over."""
    buyers = [each for each in everybody if each.orders]
    gone = _rate(each.true.died_at is not None for each in buyers if each.reasons)
    noticed = _rate(bool(each.reasons) for each in buyers if each.true.died_at)
    assert gone == pytest.approx(0.769, abs=MARGIN)
    assert noticed == pytest.approx(0.718, abs=MARGIN)


def test_the_main_reason_agrees_with_the_truth(everybody: list[Someone]) -> None:
    """The stated reason comes first for 100 % of those who stated one, and no other customer has one. Nobody
    leaves because of what happened to them: no condition is a driver, and who just stopped has no reason. That
    is `silence` for 65 %, and `unknown` for those with evidence."""
    lost = [each for each in everybody if each.reasons]
    assert all(each.reasons[0] == each.stated for each in lost if each.stated)
    quiet = [each for each in lost if not each.stated]
    assert all(each.reasons in (["silence"], ["unknown"]) for each in quiet)
    silent = _rate(each.reasons == ["silence"] for each in quiet)
    assert silent == pytest.approx(0.647, abs=MARGIN)


def test_evidence_is_no_cause_where_none_was_simulated(everybody: list[Someone]) -> None:
    """Among those who state nothing, 34 % of those who left and 38 % of the slow have evidence against the
    shop. As generated, such events are no more frequent before leaving than before a long gap."""
    quiet = [each for each in everybody if each.reasons and not each.stated]
    gone = _rate(each.evidence != ["silence"] for each in quiet if each.true.died_at)
    slow = _rate(each.evidence != ["silence"] for each in quiet if not each.true.died_at)
    assert gone == pytest.approx(0.344, abs=MARGIN)
    assert slow == pytest.approx(0.375, abs=MARGIN)


def test_evidence_is_what_happened(everybody: list[Someone]) -> None:
    """Each unstated reason is evidenced exactly for the customers to whom it happened: 100 %, both ways."""
    for each in everybody:
        if each.reasons:
            found = {reason for reason in each.evidence if not reason.startswith("stated")}
            assert found == _happened(each), f"person {each.true.number}"


def _happened(someone: Someone) -> set[str]:
    last_at = someone.orders[-1].ordered_at
    now = [each for each in someone.true.intervals if each.valid_to is None]
    [lost_at] = [each.valid_from for each in now if each.stage == "lost"]
    life = someone.life
    opinions = [each.at for each in life.reviews if each.rating <= 2]
    opinions += [each.at for each in life.answers if each.kind == "nps" and each.score <= 6]
    late = [
        order.delivered_at
        for order in life.orders
        if order.delivered_at and order.promised_at and order.delivered_at > order.promised_at
    ]
    happened = {
        "negative_opinion": opinions,
        "refund": [refund.at for order in life.orders for refund in order.refunds],
        "late_delivery": late,
        "unresolved_ticket": [
            each.at for each in life.tickets if not each.resolved_at or each.resolved_at >= lost_at
        ],
    }
    found = {
        reason
        for reason, moments in happened.items()
        if any(last_at - timedelta(days=90) <= moment < lost_at for moment in moments)
    }
    cheap = [order.discount > 0 for order in someone.orders]
    habits = (cheap, [] if cheap[-1] else cheap[:-1])
    if any(len(habit) >= 2 and sum(habit) >= 0.75 * len(habit) for habit in habits):
        found.add("price")
    return found or (set() if someone.stated else {"silence"})
