"""Assigns the rows of a batch to files. Belongs here: a clean delivery, as the shop's systems export it
period by period. Does not belong here: how files are written (`files.py`), and their defects (`mess.py`).

A record is exported in the period in which it was created, as known at the period's end, and again in
every later period in which it changed. So corrections arrive in later files, newest last."""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar

from demo_company import shop
from demo_company.company import Batch
from demo_company.entities import ENTITIES, path_of
from demo_company.orders import Row
from demo_company.plan import Plan, end_of, period_of

Sheets = dict[str, list[Row]]


class Exported(Protocol):
    """A record that is exported."""

    key: str
    at: datetime

    def row(self, known: datetime) -> Row:
        """The record as known just before a moment."""


class Changing(Exported, Protocol):
    """An exported record that may change."""

    def changes(self) -> list[datetime]:
        """The moments at which the exported record changed."""


E = TypeVar("E", bound=Exported)


def reference_sheets(plan: Plan) -> Sheets:
    """The files whose content does not depend on the people."""
    return {
        path_of("products", (0, 0)): shop.product_rows(),
        path_of("currency_rates", (0, 0)): shop.rate_rows(shop.currency_rates(plan)),
    }


def sheets_of(plan: Plan, batch: Batch) -> Sheets:
    """The rows that one batch adds to the files, in order of the records' time."""
    sheets: Sheets = defaultdict(list)
    lives, orders = batch.all_lives, batch.orders
    _export_changing(plan, sheets, "contacts", batch.contacts)
    _export_changing(plan, sheets, "orders", orders)
    _export_changing(plan, sheets, "payments", (p for order in orders for p in order.payments))
    _export_changing(plan, sheets, "support_tickets", (t for life in lives for t in life.tickets))
    _export_changing(plan, sheets, "checkouts", (t for life in lives for t in life.checkouts))
    _export_changing(plan, sheets, "reviews", (t for life in lives for t in life.reviews))
    _export_once(plan, sheets, "interactions", (t for life in lives for t in life.interactions))
    _export_once(plan, sheets, "refunds", (r for order in orders for r in order.refunds))
    _export_once(plan, sheets, "survey_responses", (t for life in lives for t in life.answers))
    _export_once(plan, sheets, "referrals", (t for life in lives for t in life.referrals))
    _export_once(plan, sheets, "loyalty_entries", (t for life in lives for t in life.loyalty))
    for order in orders:
        period = period_of(order.at, ENTITIES["order_lines"].months)
        sheets[path_of("order_lines", period)] += order.line_rows()
    return {path: rows for path, rows in sheets.items() if rows}


def _in_time(records: Iterable[E]) -> list[E]:
    return sorted(records, key=operator.attrgetter("at", "key"))


def _export_once(plan: Plan, sheets: Sheets, entity: str, records: Iterable[Exported]) -> None:
    months = ENTITIES[entity].months
    for record in _in_time(records):
        period = period_of(record.at, months) if months else (0, 0)
        sheets[path_of(entity, period)].append(record.row(plan.closes))


def _export_changing(plan: Plan, sheets: Sheets, entity: str, records: Iterable[Changing]) -> None:
    months = ENTITIES[entity].months
    for record in _in_time(records):
        for period in dict.fromkeys(period_of(moment, months) for moment in record.changes()):
            known = min(end_of(period, months), plan.closes)
            sheets[path_of(entity, period)].append(record.row(known))
