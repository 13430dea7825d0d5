"""The main marts by pandas, everything in memory, as one process: orders, reviews, activities, stage intervals,
customers, cohorts, RFM and value, written as Parquet. Belongs here: only what the measured
process needs. The rules are those of the baseline; the ten stage tables are left out.

Usage: in_pandas.py FOLDER SOURCE AS-OF"""

from __future__ import annotations

import sys
from hashlib import md5
from pathlib import Path

import numpy as np
import pandas as pd

KEY = "customer_id"
DAY = pd.Timedelta(days=1)


def main(folder: Path, source: Path, as_of: pd.Timestamp) -> None:
    """Writes `folder`/<table>.parquet."""
    contacts = _read(source / "contacts").sort_values("updated_at")
    contacts = contacts[contacts.created_at < as_of].drop_duplicates("contact_id", keep="last")
    by_mail = contacts.dropna(subset="email").groupby("email").contact_id.min()
    orders = _orders(source, by_mail, as_of)
    reviews = _read(source / "reviews")
    reviews = reviews[reviews.reviewed_at < as_of]
    reviews[KEY] = _customer(reviews, by_mail)
    visits = _read(source / "interactions")
    visits = visits[visits.occurred_at < as_of]
    visits[KEY] = _customer(visits, by_mail)
    contacts[KEY] = contacts.contact_id
    activities = _activities(orders, reviews, visits, contacts)
    numbered = _numbered(orders)
    intervals = _intervals(_changes(orders, numbered, activities, reviews, as_of), as_of)
    customers = _customers(activities, orders, intervals)
    _write(folder, "fct_orders", orders)
    _write(folder, "fct_reviews", reviews)
    _write(folder, "fct_customer_activities", activities)
    _write(folder, "fct_customer_stage_intervals", intervals)
    _write(folder, "dim_customers", customers)
    _write(folder, "fct_customer_cohorts_monthly", _cohorts(numbered))
    _write(folder, "fct_customer_rfm", _rfm(customers, as_of))
    _write(folder, "fct_customer_lifetime_value", _value(numbered, as_of))


def _read(folder: Path) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))])


def _write(folder: Path, name: str, frame: pd.DataFrame) -> None:
    if KEY in frame:
        hashes = {key: md5(str(key).encode()).hexdigest() for key in frame[KEY].dropna().unique()}
        frame = frame.assign(**{KEY: frame[KEY].map(hashes)})
    frame.to_parquet(folder / f"{name}.parquet", compression="zstd")


def _customer(frame: pd.DataFrame, by_mail: pd.Series) -> pd.Series:
    return frame.contact_id.fillna(frame.email.map(by_mail)).fillna(frame.email)


def _orders(source: Path, by_mail: pd.Series, as_of: pd.Timestamp) -> pd.DataFrame:
    orders = _read(source / "orders").sort_values("updated_at")
    orders = orders[orders.ordered_at < as_of].drop_duplicates("order_id", keep="last")
    lines = _read(source / "order_lines")
    lines["amount"] = lines.quantity.astype(float) * lines.unit_price.astype(float)
    lines["off"] = lines.discount_amount.astype(float)
    totals = lines.groupby("order_id")[["amount", "off"]].sum()
    refunds = _read(source / "refunds")
    refunds = refunds[refunds.refunded_at < as_of]
    refunded = refunds.amount.astype(float).groupby(refunds.order_id).sum()
    payments = _read(source / "payments").query("status == 'paid'")
    received = payments.amount.astype(float).groupby(payments.order_id).sum()
    rates = _read(source / "currency_rates")
    rate = rates.set_index([rates.currency_code, pd.to_datetime(rates.rate_date)]).rate.astype(
        float
    )
    keys = pd.MultiIndex.from_arrays([orders.currency_code, orders.ordered_at.dt.normalize()])
    orders["rate"] = rate.reindex(keys).fillna(1).to_numpy()
    orders[KEY] = _customer(orders, by_mail)
    items = orders.items_amount.astype(float).fillna(orders.order_id.map(totals.amount))
    off = orders.discount_amount.astype(float).fillna(orders.order_id.map(totals.off))
    back = orders.order_id.map(refunded).fillna(0)
    due = items - off + orders.shipping_amount.astype(float) + orders.tax_amount.astype(float)
    paid = orders.order_id.map(received).fillna(0)
    is_paid = orders.status.isin(["paid", "shipped", "delivered", "completed"])
    orders["is_counted"] = (is_paid | ((orders.status == "placed") & (paid >= due))) & ~(
        (back > 0) & (back >= items - off)
    )
    orders["net_amount"] = ((items - off - back) * orders.rate).round(2)
    void = orders.status.isin(["cancelled", "failed"])
    orders["delivered_at"] = orders.delivered_at.where(~void & (orders.delivered_at < as_of))
    orders["is_void"] = void
    return orders


def _activities(
    orders: pd.DataFrame, reviews: pd.DataFrame, visits: pd.DataFrame, contacts: pd.DataFrame
) -> pd.DataFrame:
    asked = visits.kind.isin(["inquiry", "chat", "knowledge_base_view"])
    praised = (visits.kind == "social_post") & (visits.sentiment.astype(float) >= 0.3)
    parts = [
        _part(visits, visits.kind, "interaction_id", "occurred_at", asked, praised),
        _part(contacts, "contact_created", "contact_id", "created_at"),
        _part(reviews, "review_written", "review_id", "reviewed_at",
              signal=reviews.is_public & (reviews.rating >= 4)),
        _part(orders, "order_placed", "order_id", "ordered_at"),
        _part(orders.dropna(subset="delivered_at"), "order_delivered", "order_id", "delivered_at"),
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True).dropna(subset=KEY)


def _part(
    frame: pd.DataFrame, activity: pd.Series | str, subject: str, at: str,
    inquiry: pd.Series | bool = False, signal: pd.Series | bool = False,
) -> pd.DataFrame:  # fmt: skip
    return pd.DataFrame(
        {KEY: frame[KEY], "activity": activity, "subject_id": frame[subject], "occurred_at": frame[at],
         "is_inquiry": inquiry, "is_signal": signal, "is_touch": True}
    )  # fmt: skip


def _numbered(orders: pd.DataFrame) -> pd.DataFrame:
    counted = orders[orders.is_counted].sort_values([KEY, "ordered_at", "order_id"])
    groups = counted.groupby(KEY).ordered_at
    number = groups.cumcount() + 1
    gap = (
        (counted.ordered_at - groups.transform("min")).dt.total_seconds()
        / 86400
        / (number - 1).clip(lower=1)
    )
    window = np.where(number < 3, 180, np.floor(3 * gap).clip(60, 365))
    return counted.assign(
        number=number,
        next_at=groups.shift(-1),
        ends_at=counted.ordered_at + pd.to_timedelta(window, "D"),
    )


def _changes(
    orders: pd.DataFrame, numbered: pd.DataFrame, activities: pd.DataFrame, reviews: pd.DataFrame,
    as_of: pd.Timestamp,
) -> pd.DataFrame:  # fmt: skip
    def change(frame: pd.DataFrame, at: str | pd.Series, **adds: object) -> pd.DataFrame:
        moment = frame[at] if isinstance(at, str) else at
        return pd.DataFrame({KEY: frame[KEY], "at": moment, **adds})

    delivered = orders.dropna(subset="delivered_at")
    leaves = numbered.ordered_at + 365 * DAY
    lapsed = (numbered.ends_at < as_of) & ~(numbered.next_at <= numbered.ends_at)
    before = numbered.groupby(KEY).ends_at.shift()
    first = activities.groupby(KEY).occurred_at.min().rename("at").reset_index()
    opinions = reviews.assign(bad=(reviews.rating <= 2).astype(int)).sort_values(
        [KEY, "reviewed_at"]
    )
    swing = opinions.bad - opinions.groupby(KEY).bad.shift(fill_value=0)
    parts = [
        change(orders, "ordered_at", placed=1, open=(~orders.is_void).astype(int)),
        change(delivered, "delivered_at", delivered=1, open=-1),
        change(numbered, "ordered_at", counted=1, windowed=1,
               lapsed=-(before < numbered.ordered_at).astype(int)),
        change(numbered[leaves < as_of], leaves[leaves < as_of], windowed=-1),
        change(numbered[lapsed], "ends_at", lapsed=1),
        change(activities[activities.is_inquiry], "occurred_at", inquiries=1),
        change(activities[activities.is_signal], "occurred_at", signals=1),
        change(opinions, "reviewed_at", bad=swing),
        first,
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True).fillna(dict.fromkeys(COUNTS, 0))


COUNTS = [
    "placed",
    "delivered",
    "open",
    "counted",
    "windowed",
    "lapsed",
    "inquiries",
    "signals",
    "bad",
]


def _intervals(changes: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    sums = changes.groupby([KEY, "at"])[COUNTS].sum()
    state = sums.groupby(level=0).cumsum().reset_index()
    bought = [state.counted == 0, state.lapsed > 0, state.windowed >= 4, state.counted >= 2]
    names = ["prospect", "lost", "loyal", "repeat_purchase"]
    relationship = np.select(bought, names, "first_purchase")
    praised = (state.counted > 0) & (state.signals > 0) & (state.bad <= 0)
    buying = (state.open > 0) | ((state.placed > 0) & (state.delivered == 0))
    funnel = [praised, buying, state.delivered > 0, state.inquiries > 0]
    names = ["advocacy", "purchase", "post_purchase_engagement", "education"]
    journey = np.select(funnel, names, "discovery")
    found = []
    for lifecycle, stage in (("relationship", relationship), ("journey", journey)):
        frame = state[[KEY, "at"]].assign(lifecycle=lifecycle, stage=stage)
        previous = frame.groupby(KEY).stage.shift()
        frame = frame.assign(previous_stage=previous)[previous != frame.stage]
        groups = frame.groupby(KEY)
        ends = groups["at"].shift(-1)
        found.append(frame.assign(
            next_stage=groups.stage.shift(-1), valid_to=ends, is_current=ends.isna(),
            entry_number=frame.groupby([KEY, "stage"]).cumcount() + 1,
            duration_days=(ends.fillna(as_of) - frame["at"]).dt.days,
        ))  # fmt: skip
    return pd.concat(found, ignore_index=True)


def _customers(
    activities: pd.DataFrame, orders: pd.DataFrame, intervals: pd.DataFrame
) -> pd.DataFrame:
    seen = activities.groupby(KEY).occurred_at.agg(first_seen_at="min", last_active_at="max")
    kinds = activities.groupby([KEY, "activity"]).size().unstack(fill_value=0)
    counted = orders[orders.is_counted].groupby(KEY)
    bought = counted.agg(
        orders=("order_id", "size"), first_order_at=("ordered_at", "min"),
        last_order_at=("ordered_at", "max"), net=("net_amount", "sum"),
    )  # fmt: skip
    now = intervals[intervals.is_current].pivot(index=KEY, columns="lifecycle", values="stage")
    customers: pd.DataFrame = seen.join(kinds).join(bought).join(now).reset_index()
    return customers


def _cohorts(numbered: pd.DataFrame) -> pd.DataFrame:
    month = numbered.ordered_at.dt.to_period("M").astype("int64")
    cohort = month.groupby(numbered[KEY]).transform("min")
    frame = numbered.assign(cohort=cohort, months=month - cohort)
    return frame.groupby(["cohort", "months"]).agg(
        active=(KEY, "nunique"), net=("net_amount", "sum")
    ).reset_index()  # fmt: skip


def _rfm(customers: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    bought = customers.dropna(subset="last_order_at")
    days = (as_of - bought.last_order_at).dt.days
    scores = {
        "recency_score": -days,
        "frequency_score": bought.orders,
        "monetary_score": bought.net,
    }
    ranked = {
        name: (value.rank(pct=True) * 5).clip(upper=5).astype(int) for name, value in scores.items()
    }
    return bought[[KEY, "orders", "net"]].assign(days_since_last_order=days, **ranked)


def _value(numbered: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    days = numbered.assign(day=numbered.ordered_at.dt.normalize())
    daily = days.groupby([KEY, "day"]).net_amount.sum().reset_index()
    found = daily.groupby(KEY).day.agg(["size", "min", "max"])
    return pd.DataFrame({
        "frequency": found["size"] - 1, "recency": (found["max"] - found["min"]).dt.days,
        "age": (as_of - found["min"]).dt.days - 1,
    }).reset_index()  # fmt: skip


if __name__ == "__main__":
    out, files, day = sys.argv[1:]
    Path(out).mkdir(parents=True, exist_ok=True)
    main(Path(out), Path(files), pd.Timestamp(day))
