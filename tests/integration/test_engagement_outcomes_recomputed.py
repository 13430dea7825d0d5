"""The outcomes of support, advocacy, the loyalty programme and care after orders: recomputed in plain Python
from the delivered files, exactly equal. Belongs here: the marts of the schema engagement about customers."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.support.delivered import Delivered, Order, Record, middle, share
from tests.support.installation import Installation

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ASKING = {"inquiry", "chat", "call", "meeting", "demo", "trial", "knowledge_base_view"}
SPEAKING = {"chat", "call", "meeting", "demo"}
OURS = {"email_sent", "thank_you", "follow_up", "offer_sent", "win_back_offer"}
ENTITIES = (
    *("contacts", "interactions", "support_tickets", "orders", "checkouts", "reviews"),
    *("survey_responses", "referrals", "loyalty_entries"),
)
Table = dict[tuple[object, ...], tuple[object, ...]]


def _month(at: datetime) -> date:
    return at.date().replace(day=1)


def _served(installation: Installation, table: str, keys: int, columns: str) -> Table:
    """The served table, its first columns as keys."""
    with installation.served() as connection:
        rows = connection.execute(f"select {columns} from {table}").fetchall()
    found = {row[:keys]: row[keys:] for row in rows}
    assert len(found) == len(rows) > 0
    return found


def _months(installation: Installation) -> list[date]:
    with installation.served() as connection:
        rows = connection.execute("select distinct month_start_date from core.dim_dates").fetchall()
    return [month for (month,) in rows]


def _of(delivered: Delivered, entity: str) -> dict[str | None, list[Record]]:
    found: dict[str | None, list[Record]] = defaultdict(list)
    for record in delivered.of(entity):
        found[record["customer"]].append(record)
    return found


def _is_ours(interaction: Record) -> bool:
    return interaction.get("direction") == "outbound" or interaction["kind"] in OURS


def _touches(delivered: Delivered) -> dict[str, list[datetime]]:
    """The times at which each customer was in touch, by any record."""
    found: dict[str, list[datetime]] = defaultdict(list)
    for entity in ENTITIES:
        for record in delivered.of(entity):
            is_gone = entity == "contacts" and delivered.before(record.get("deleted_at"))
            if record["customer"] and not is_gone:
                found[record["customer"]].append(record["at"])
    return found


def _conversion(outcomes: list[bool]) -> tuple[int, int, Decimal | None]:
    return len(outcomes), sum(outcomes), share(sum(outcomes), len(outcomes))


def test_self_service_and_answers(installation: Installation, delivered: Delivered) -> None:
    tickets, interactions = delivered.of("support_tickets"), _of(delivered, "interactions")
    asked: dict[date, set[str]] = defaultdict(set)
    read: dict[date, set[str]] = defaultdict(set)
    ticketed: dict[date, set[str]] = defaultdict(set)
    spoken: dict[date, set[str]] = defaultdict(set)
    for customer, its in interactions.items():
        for each in its:
            if customer and each["kind"] in SPEAKING:
                spoken[_month(each["at"])].add(customer)
            if customer and each["kind"] in ASKING and each.get("direction") != "outbound":
                asked[_month(each["at"])].add(customer)
                if each["kind"] == "knowledge_base_view":
                    read[_month(each["at"])].add(customer)
    opened: dict[date, list[tuple[bool, int | None]]] = defaultdict(list)
    for ticket in tickets:
        at, month = ticket["at"], _month(ticket["at"])
        if ticket["customer"]:
            ticketed[month].add(ticket["customer"])
        informed = ticket["customer"] is not None and any(
            each["kind"] == "knowledge_base_view" and at - 7 * DAY <= each["at"] < at
            for each in interactions[ticket["customer"]]
        )
        answered = delivered.before(ticket.get("first_response_at"))
        opened[month].append((informed, answered and int((answered - at).total_seconds())))
    expected = {}
    for month in _months(installation):
        askers, readers = asked[month] | ticketed[month], read[month]
        waits = [wait for _, wait in opened[month] if wait is not None]
        helped = ticketed[month] | spoken[month]
        alone, served = len(askers - helped), len(readers - helped)
        expected[(month,)] = (
            *(len(askers), len(askers - ticketed[month]), alone, share(alone, len(askers))),
            *(len(readers), served, share(served, len(readers))),
            *(len(opened[month]), sum(informed for informed, _ in opened[month])),
            *(len(waits), middle(waits, 3600)),
        )
    columns = (
        "month, asker_count, asker_without_ticket_count, deflected_asker_count, deflection_rate,"
        " knowledge_base_reader_count, deflected_reader_count, self_service_rate, ticket_count,"
        " ticket_after_self_service_count, responded_ticket_count, median_first_response_hours"
    )
    assert _served(installation, "engagement.rpt_support_effect", 1, columns) == expected


def test_support_while_deciding(installation: Installation, delivered: Delivered) -> None:
    help_at: dict[str | None, list[datetime]] = defaultdict(list)
    for ticket in delivered.of("support_tickets"):
        help_at[ticket["customer"]].append(ticket["at"])
    for each in delivered.of("interactions"):
        if each["kind"] == "chat" and not _is_ours(each):
            help_at[each["customer"]].append(each["at"])
    groups: dict[tuple[date, bool], list[bool]] = defaultdict(list)
    for checkout in delivered.of("checkouts"):
        customer, start = checkout["customer"], checkout["at"]
        if customer and start + 7 * DAY <= delivered.as_of:
            orders = (o.ordered_at for o in delivered.bought.get(customer, []))
            bought = next((at for at in orders if start <= at < start + 7 * DAY), None)
            until = bought or start + 7 * DAY
            supported = any(start - 7 * DAY <= at < until for at in help_at[customer])
            groups[_month(start), supported].append(bought is not None)
    expected = {
        (month,): (*_conversion(groups[month, True]), *_conversion(groups[month, False]))
        for month in _months(installation)
    }
    columns = "month" + "".join(
        f", {group}_decision_{what}"
        for group in ("supported", "unsupported")
        for what in ("count", "converted_count", "conversion_rate")
    )
    assert _served(installation, "engagement.rpt_support_effect", 1, columns) == expected


def test_proactive_outreach(installation: Installation, delivered: Delivered) -> None:
    interactions = _of(delivered, "interactions")
    groups: dict[tuple[date, str], list[bool]] = defaultdict(list)
    for customer, touches in _touches(delivered).items():
        seen, orders = min(touches), delivered.bought.get(customer, [])
        bought = orders[0].ordered_at if orders else None
        if bought == seen or seen + 90 * DAY >= delivered.as_of:
            continue
        early = [
            each
            for each in interactions[customer]
            if each["at"] <= seen + 30 * DAY and (bought is None or each["at"] < bought)
        ]
        reached = any(_is_ours(e) and e["kind"] not in ("thank_you", "follow_up") for e in early)
        has_converted = bought is not None and bought <= seen + 90 * DAY
        groups[_month(seen), "reached" if reached else "unreached"].append(has_converted)
        if any(each["kind"] in ("demo", "trial") for each in early):
            groups[_month(seen), "demo"].append(has_converted)
    kinds = ("reached", "unreached", "demo")
    expected = {
        (month,): tuple(value for kind in kinds for value in _conversion(groups[month, kind]))
        for month in _months(installation)
    }
    columns = "month" + "".join(
        f", {kind}_prospect_{what}"
        for kind in kinds
        for what in ("count", "converted_count", "conversion_rate")
    )
    assert _served(installation, "engagement.rpt_support_effect", 1, columns) == expected


def test_advocacy(installation: Installation, delivered: Delivered) -> None:
    reviews: dict[tuple[object, ...], list[Record]] = defaultdict(list)
    for review in delivered.of("reviews"):
        reviews[_month(review["at"]), review.get("platform") or "unknown"].append(review)
    scores: dict[tuple[object, ...], list[Decimal]] = defaultdict(list)
    for answer in delivered.of("survey_responses"):
        if answer["kind"] == "nps":
            scores[_month(answer["at"]), "nps_survey"].append(Decimal(answer["score"]))
    orders = {order.order_id: order for order in delivered.orders if order.is_counted}
    referrals: dict[tuple[object, ...], list[tuple[bool, Decimal | None]]] = defaultdict(list)
    known: set[str] = set()
    for referral in delivered.of("referrals"):
        order = orders.get(referral.get("converted_order_id") or "")
        worth = None
        if order and order.customer and order.customer not in known:
            known.add(order.customer)
            worth = sum((each.net for each in delivered.bought[order.customer]), Decimal(0))
        referrals[_month(referral["at"]), "referral"].append((order is not None, worth))
    expected = {}
    for grain in {*reviews, *scores, *referrals}:
        stars = [int(review["rating"]) for review in reviews[grain]]
        answers, made = scores[grain], referrals[grain]
        up, down = sum(s >= 9 for s in answers), sum(s <= 6 for s in answers)
        worths = [worth for _, worth in made if worth is not None]
        expected[grain] = (
            *(len(stars), sum(s >= 4 for s in stars), sum(s <= 2 for s in stars)),
            sum(delivered.before(review.get("reply_at")) is not None for review in reviews[grain]),
            share(sum(stars), len(stars)),
            *(len(answers), up, len(answers) - up - down, down),
            share(100 * (up - down), len(answers)),
            *_conversion([has_converted for has_converted, _ in made]),
            *(len(worths), sum(worths, Decimal(0))),
        )
    columns = (
        "month, platform, review_count, positive_review_count, negative_review_count,"
        " replied_review_count, average_rating, nps_answer_count, promoter_count, passive_count,"
        " detractor_count, net_promoter_score, referral_count, converted_referral_count,"
        " referral_conversion_rate, referred_customer_count, referred_net_revenue"
    )
    assert _served(installation, "engagement.rpt_advocacy", 2, columns) == expected


def _signed(entry: Record) -> Decimal:
    points = Decimal(entry["points"])
    return -abs(points) if entry["kind"] in ("redeem", "expire") else points


def _tier(entry: Record) -> str:
    return (entry.get("tier") or "untiered").lower()


def _tier_at(entries: list[Record], at: datetime) -> str:
    before = bisect_right([entry["at"] for entry in entries], at)
    return _tier(entries[before - 1]) if before else "none"


def _is_loyal(orders: list[Order], at: datetime) -> bool:
    return sum(at - 365 * DAY < order.ordered_at <= at for order in orders) >= 4


def test_loyalty(installation: Installation, delivered: Delivered) -> None:
    entries = _of(delivered, "loyalty_entries")
    tiers = {_tier(entry) for its in entries.values() for entry in its} | {"none"}
    months = _months(installation)
    flow: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    for entry in delivered.of("loyalty_entries"):
        flow[_month(entry["at"]), _tier(entry), entry["kind"]] += _signed(entry)
    ordered: dict[tuple[object, ...], list[tuple[Order, bool]]] = defaultdict(list)
    for order in delivered.orders:
        if order.is_counted:
            tier = _tier_at(entries[order.customer], order.ordered_at) if order.customer else "none"
            mine = delivered.bought[order.customer] if order.customer else []
            loyal = _is_loyal(mine, order.ordered_at)
            ordered[_month(order.ordered_at), tier].append((order, loyal))
    taken: dict[tuple[object, ...], int] = defaultdict(int)
    for each in delivered.of("interactions"):
        if each["kind"] == "offer_taken":
            its = entries[each["customer"]] if each["customer"] else []
            taken[_month(each["at"]), _tier_at(its, each["at"])] += 1
    assert not entries[None]
    expected: Table = {}
    for month in months:
        end = min((month + 32 * DAY).replace(day=1), delivered.as_of.date())
        held: dict[str, list[Decimal]] = defaultdict(list)
        for its in entries.values():
            past = [entry for entry in its if entry["at"].date() < end]
            if past:
                held[_tier(past[-1])].append(sum((_signed(e) for e in past), Decimal(0)))
        for tier in tiers:
            here = ordered[month, tier]
            loyal_ones = [order for order, loyal in here if loyal]
            expected[month, tier] = (
                flow[month, tier, "earn"],
                -flow[month, tier, "redeem"],
                -flow[month, tier, "expire"],
                *(sum(held[tier], Decimal(0)), len(held[tier])),
                len({order.customer for order, _ in here if order.customer}),
                *(len(here), sum((order.net for order, _ in here), Decimal(0))),
                *(len({o.customer for o in loyal_ones}), len(loyal_ones)),
                sum((o.net for o in loyal_ones), Decimal(0)),
                taken[month, tier],
            )
    columns = (
        "month, tier, earned_points, redeemed_points, expired_points, points_balance, member_count,"
        " ordering_customer_count, order_count, net_revenue, loyal_customer_count,"
        " loyal_order_count, loyal_net_revenue, offer_taken_count"
    )
    assert _served(installation, "engagement.rpt_loyalty", 2, columns) == expected


def _first(
    its: list[datetime], start: datetime | None, limit: timedelta, following: datetime | None
) -> datetime | None:
    return next(
        (
            at
            for at in its
            if start and start <= at <= start + limit and (following is None or at < following)
        ),
        None,
    )


def test_post_purchase(installation: Installation, delivered: Delivered) -> None:
    sent: dict[tuple[str | None, str], list[datetime]] = defaultdict(list)
    for each in delivered.of("interactions"):
        sent[each["customer"], each["kind"]].append(each["at"])
    csat: dict[str, list[Decimal]] = defaultdict(list)
    for answer in delivered.of("survey_responses"):
        if answer["kind"] == "csat" and answer.get("order_id"):
            csat[answer["order_id"]].append(Decimal(answer["score"]))
    kept = [order for order in delivered.orders if order.status not in ("cancelled", "failed")]
    by_customer: dict[str | None, list[Order]] = defaultdict(list)
    for order in kept:
        by_customer[order.customer].append(order)
    expected: Table = {}
    for order in kept:
        mine = by_customer[order.customer] if order.customer else [order]
        later = [o.ordered_at for o in mine[mine.index(order) + 1 :]]
        arrived = [o for o in mine if o.delivered_at]
        arrived.sort(key=lambda o: (o.delivered_at, o.order_id))
        after = arrived[arrived.index(order) + 1 :] if order.delivered_at else []
        messages = {
            kind: sent[order.customer, kind] if order.customer else []
            for kind in ("thank_you", "follow_up")
        }
        thanked = _first(
            messages["thank_you"], order.ordered_at, 7 * DAY, later[0] if later else None
        )
        followed = _first(
            *(messages["follow_up"], order.delivered_at, 30 * DAY),
            after[0].delivered_at if after else None,
        )
        hours_late = None
        if order.promised_at is None:
            promise = "none"
        elif order.delivered_at is None:
            promise = "overdue" if order.promised_at < delivered.as_of else "open"
        elif order.delivered_at <= order.promised_at:
            promise = "kept"
        else:
            promise, hours_late = "late", (order.delivered_at - order.promised_at) // HOUR
        answers = csat[order.order_id]
        expected[(order.order_id,)] = (
            *(order.customer, order.is_counted, thanked, followed),
            thanked and (thanked - order.ordered_at) // timedelta(minutes=1),
            followed and order.delivered_at and (followed - order.delivered_at) // HOUR,
            *(len(answers), share(sum(answers, Decimal(0)), len(answers)), promise, hours_late),
        )
    columns = (
        "order_id, customer_id, is_counted, thanked_at, followed_up_at, minutes_to_thank_you,"
        " hours_to_follow_up, csat_answer_count, csat_score, delivery_promise, hours_late"
    )
    assert _served(installation, "engagement.fct_post_purchase", 1, columns) == expected


def test_personas(installation: Installation, delivered: Delivered) -> None:
    companies = {
        contact["customer"]
        for contact in delivered.of("contacts")
        if contact.get("company") and not delivered.before(contact.get("deleted_at"))
    }
    views: dict[str | None, int] = defaultdict(int)
    for each in delivered.of("interactions"):
        views[each["customer"]] += each["kind"] in ("content_view", "knowledge_base_view")

    def persona(customer: str) -> str:
        orders = delivered.bought.get(customer, [])
        gross = sum((order.items for order in orders), Decimal(0))
        discount = sum((order.discount for order in orders), Decimal(0))
        if customer in companies:
            return "business_buyer"
        if len(orders) >= 4:
            return "enthusiast"
        if gross and discount / gross >= Decimal("0.15"):
            return "bargain_hunter"
        if orders:
            return "occasional_buyer"
        return "researcher" if views[customer] >= 3 else "browser"

    # The stage is the mart's; other tests check it (test_demo_build, test_golden_customers).
    stages = _served(
        *(installation, "core.dim_customers", 1, "customer_id, relationship_stage, journey_stage")
    )
    assert {customer for (customer,) in stages} == set(_touches(delivered))
    members: dict[tuple[object, ...], list[str]] = defaultdict(list)
    sizes: dict[str, int] = defaultdict(int)
    for (customer,), (relationship, journey) in stages.items():
        assert isinstance(customer, str)
        mine = persona(customer)
        sizes[mine] += 1
        members[mine, "relationship", relationship].append(customer)
        members[mine, "journey", journey].append(customer)
    columns = (
        "persona, lifecycle, stage, customer_count, customer_share, buyer_count,"
        " counted_order_count, lifetime_net_revenue"
    )
    found = _served(installation, "engagement.rpt_personas", 3, columns)
    assert set(members) <= set(found)
    for key, row in found.items():
        orders = [delivered.bought.get(customer, []) for customer in members[key]]
        assert row == (
            *(len(orders), share(len(orders), sizes[str(key[0])])),
            *(sum(bool(its) for its in orders), sum(len(its) for its in orders)),
            sum((order.net for its in orders for order in its), Decimal(0)),
        ), key
