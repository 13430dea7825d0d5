"""Relationship strength and its backtest: recomputed in plain Python from the delivered files, exactly equal,
and the promise that it ranks no worse than any of its components. Belongs here: the weights, and what they
were worth. Does not belong here: other marts of the schema engagement."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from math import floor, sqrt

import pytest

from tests.support.delivered import Delivered, share
from tests.support.installation import Installation

DAY = timedelta(days=1)
TOUCHES = (
    *("contacts", "interactions", "support_tickets", "orders", "checkouts", "reviews"),
    *("survey_responses", "referrals", "loyalty_entries"),
)
COMPONENTS = ("recency", "frequency", "interactions", "satisfaction", "service")
WHOLE = "relationship_strength"
GRID = [each for each in product(range(0, 101, 20), repeat=5) if sum(each) == 100]
EVEN = (20, 20, 20, 20, 20)
Weights = tuple[int, ...]
# By date: the shares of each buyer's components, and whether they returned.
Buyers = list[tuple[tuple[float, ...], bool]]


@dataclass(frozen=True)
class Life:
    """What is known of a customer, as days."""

    touches: list[date]
    orders: list[date]
    answers: list[tuple[date, Decimal]]
    tickets: list[tuple[date, date | None]]


def _lives(delivered: Delivered) -> dict[str, Life]:
    found: dict[str, Life] = defaultdict(lambda: Life([], [], [], []))
    for entity in TOUCHES:
        for each in delivered.of(entity):
            gone = entity == "contacts" and delivered.before(each.get("deleted_at"))
            if each["customer"] and not gone:
                found[each["customer"]].touches.append(each["at"].date())
    for customer, orders in delivered.bought.items():
        found[customer].orders.extend(order.ordered_at.date() for order in orders)
    for review in delivered.of("reviews"):
        if review["customer"]:
            stars = (Decimal(review["rating"]) - 1) / 4
            found[review["customer"]].answers.append((review["at"].date(), stars))
    for each in delivered.of("survey_responses"):
        if each["customer"] and each["kind"] in ("nps", "csat"):
            score = Decimal(each["score"])
            on_scale = score / 10 if each["kind"] == "nps" else (score - 1) / 4
            answer = min(max(on_scale, Decimal(0)), Decimal(1))
            found[each["customer"]].answers.append((each["at"].date(), answer))
    for ticket in delivered.of("support_tickets"):
        if ticket["customer"]:
            resolved = delivered.before(ticket.get("resolved_at"))
            in_time = resolved is not None and resolved <= ticket["at"] + 3 * DAY
            at = resolved.date() if resolved and in_time else None
            found[ticket["customer"]].tickets.append((ticket["at"].date(), at))
    return {who: life for who, life in found.items() if life.touches}


def _inputs(life: Life, on: date) -> tuple[int | None, int, int, Decimal | None, Decimal | None]:
    since = on - 365 * DAY
    orders = [day for day in life.orders if day < on]
    answers = [answer for day, answer in life.answers if day < on]
    tickets = [at for day, at in life.tickets if day < on]
    good = sum(at is not None and at < on for at in tickets)
    return (
        (on - max(orders)).days - 1 if orders else None,
        sum(since <= day for day in orders),
        sum(since <= day < on for day in life.touches),
        share(sum(answers, Decimal(0)), len(answers)),
        share(good, len(tickets)),
    )


def _quantile(values: list[int]) -> int:
    """The smallest value that 95 % do not exceed."""
    ordered = sorted(values)
    return next(v for v in ordered if 100 * bisect_right(ordered, v) >= 95 * len(ordered))


def _scales(lives: dict[str, Life], on: date) -> tuple[int, int, int]:
    known = [_inputs(life, on) for life in lives.values()]
    days, orders, touches = ([each[k] for each in known if each[0] is not None] for k in range(3))
    if not days:
        return 365, 8, 12
    return (
        min(365, max(_quantile([d for d in days if d is not None]), 1)),
        max(8, _quantile([n for n in orders if n is not None])),
        max(12, _quantile([n for n in touches if n is not None])),
    )


def _shares(life: Life, on: date, scales: tuple[int, int, int]) -> tuple[float, ...]:
    days, orders, touches, satisfaction, service = _inputs(life, on)
    if days is None:
        last = (on - max(life.touches)).days - 1
        recency = 0.5 * max(1 - last / scales[0], 0)
    else:
        recency = max(1 - days / scales[0], 0)
    return (
        recency,
        min(orders / scales[1], 1),
        min(touches / scales[2], 1),
        0.5 if satisfaction is None else float(satisfaction),
        0.5 if service is None else float(service),
    )


def _points(weights: Weights, shares: tuple[float, ...]) -> list[int]:
    return [floor(w * s + 0.5) for w, s in zip(weights, shares, strict=True)]


def _auc(weights: Weights, buyers: Buyers) -> Decimal | None:
    came = [sum(_points(weights, shares)) for shares, back in buyers if back]
    others = sorted(sum(_points(weights, shares)) for shares, back in buyers if not back)
    if min(len(came), len(others)) < 20:
        return None
    twice = sum(bisect_left(others, s) + bisect_right(others, s) for s in came)
    return share(twice, 2 * len(came) * len(others))


def _dates(as_of: date) -> list[date]:
    newest = (as_of - 90 * DAY).replace(day=1)
    months = [newest.year * 12 + newest.month - 1 - 3 * k for k in range(8)]
    return [date(month // 12, month % 12 + 1, 1) for month in months]


def _choose(aucs: dict[Weights, list[Decimal]]) -> tuple[Weights, Weights]:
    """The most even of the good weightings, and the best component alone."""
    count = len(aucs[EVEN])
    sums = {weights: sum(each, Decimal(0)) for weights, each in aucs.items()}
    helps = [
        sums[tuple(100 * (k == i) for i in range(5))] * 2 > count for k in range(len(COMPONENTS))
    ]
    left = [w for w in GRID if all(h or not each for h, each in zip(helps, w, strict=True))]
    single = max((w for w in left if 100 in w), key=lambda w: (sums[w], tuple(-x for x in w)))
    best = max(sums[w] for w in left)
    good = [w for w in left if sums[w] >= max(best - Decimal("0.002") * count, sums[single])]
    return min(good, key=lambda w: (sum((x - 20) ** 2 for x in w), -sums[w], w)), single


def _held_out(dated: dict[Weights, list[Decimal]], k: int) -> tuple[Decimal, Decimal]:
    kept = {w: each[:k] + each[k + 1 :] for w, each in dated.items()}
    learned, single = _choose(kept)
    return dated[learned][k], dated[single][k]


def _backtest(
    lives: dict[str, Life], as_of: date
) -> tuple[Weights, str, dict[tuple[date, str], tuple[object, ...]]]:
    """The weights, where they are from, and the rows of the backtest."""
    dates = _dates(as_of)
    aucs: dict[date, dict[Weights, Decimal | None]] = {}
    counts: dict[date, tuple[int, int]] = {}
    for on in dates:
        scales = _scales(lives, on)
        buyers = [
            (_shares(life, on, scales), any(on <= day < on + 90 * DAY for day in life.orders))
            for life in lives.values()
            if any(day < on for day in life.orders)
        ]
        if buyers or on == dates[0]:
            counts[on] = len(buyers), sum(back for _, back in buyers)
            aucs[on] = {weights: _auc(weights, buyers) for weights in GRID}
    usable = [on for on in aucs if aucs[on][EVEN] is not None]
    dated = {w: [a for on in usable if (a := aucs[on][w]) is not None] for w in GRID}
    weights, source = EVEN, "even"
    held: dict[date, Decimal] = {}
    if len(usable) > 1:
        folds = [_held_out(dated, k) for k in range(len(usable))]
        is_worth = sum(learned for learned, _ in folds) >= sum(single for _, single in folds)
        weights, source = _choose(dated)[0 if is_worth else 1], "learned"
        held = {on: each[0 if is_worth else 1] for on, each in zip(usable, folds, strict=True)}
    alone = {name: tuple(100 * (k == i) for i in range(5)) for k, name in enumerate(COMPONENTS)}
    rows: dict[tuple[date, str], tuple[object, ...]] = {}
    for name, mix in {WHOLE: weights, **alone}.items():
        weight = 100 if name == WHOLE else weights[COMPONENTS.index(name)]
        for on, (count, back) in counts.items():
            rows[on, name] = (
                *(weight, source, count, back, aucs[on][mix]),
                held.get(on) if name == WHOLE else None,
            )
    return weights, source, rows


def test_backtest_and_strength(installation: Installation, delivered: Delivered) -> None:
    lives, as_of = _lives(delivered), delivered.as_of.date()
    weights, source, expected = _backtest(lives, as_of)
    with installation.served() as connection:
        found = connection.execute(
            "select origin_date, component, weight, weights_source, customer_count,"
            " returned_count, auc, held_out_auc from engagement.rpt_relationship_strength_backtest"
        ).fetchall()
        assert {(on, name): tuple(rest) for on, name, *rest in found} == expected
        ((odd,),) = connection.execute(
            "select count(*) from engagement.rpt_relationship_strength_backtest"
            " where (auc is null) <> (auc_low is null) or (auc is null) <> (auc_high is null)"
            " or (weights_source = 'even' and status = 'ranks_returns')"
        ).fetchall()
        assert odd == 0
        scales = _scales(lives, as_of)
        points = {
            who: _points(weights, _shares(life, as_of, scales)) for who, life in lives.items()
        }
        served = connection.execute(
            "select customer_id, relationship_strength, recency_points, frequency_points,"
            " interaction_points, satisfaction_points, service_points, days_since_last_order,"
            " recent_order_count, recent_activity_count, satisfaction_share, service_share,"
            " weights_source from engagement.fct_relationship_strength"
        ).fetchall()
    assert {who: tuple(rest) for who, *rest in served} == {
        who: (sum(points[who]), *points[who], *_inputs(life, as_of), source)
        for who, life in lives.items()
    }
    assert len(served) == len(lives)


def test_the_whole_ranks_at_least_as_well_as_its_best_component(demo: Installation) -> None:
    with demo.served() as connection:
        rows = connection.execute(
            "select component, mean_auc, status, sum(held_out_auc), count(*)"
            " from engagement.rpt_relationship_strength_backtest group by all"
        ).fetchall()
        bounds = connection.execute(
            "select auc, auc_low, auc_high, returned_count, customer_count - returned_count"
            " from engagement.rpt_relationship_strength_backtest where auc is not null"
        ).fetchall()
    means = {name: mean for name, mean, *_ in rows}
    ((status, held_out, count),) = [tuple(rest) for name, _, *rest in rows if name == WHOLE]
    assert status == "ranks_returns"
    assert count >= 3
    assert means[WHOLE] == max(means.values())
    assert held_out >= count * max(mean for name, mean in means.items() if name != WHOLE)
    for auc, low, high, n, m in bounds:
        a = float(auc)
        q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
        variance = (a * (1 - a) + (n - 1) * (q1 - a * a) + (m - 1) * (q2 - a * a)) / (n * m)
        assert float(low) == pytest.approx(a - 1.96 * sqrt(variance), abs=1e-6)
        assert float(high) == pytest.approx(a + 1.96 * sqrt(variance), abs=1e-6)
