"""Counts the mess within lives. Belongs here: one count per kind of mess, so that tests can check each.
Does not belong here: the mess of files, which `mess.py` places."""

from __future__ import annotations

from collections import Counter

from demo_company import words
from demo_company.company import Batch
from demo_company.orders import UNIDENTIFIED, Order


def take_census(batch: Batch) -> Counter[str]:
    """How often each kind of mess occurs in a batch; a kind that does not occur counts 0."""
    count: Counter[str] = Counter()
    for life in batch.lives:
        contacts, names = life.who.contacts, [order.name for order in life.orders]
        count["people_with_several_contacts"] += len(contacts) > 1
        count["people_without_contact"] += not contacts
        count["people_with_changed_email"] += any(c.email_changed_at for c in contacts)
        count["people_with_orders_in_two_currencies"] += len({o.currency for o in life.orders}) > 1
        count["deleted_contacts"] += sum(c.deleted_at is not None for c in contacts)
        count["contacts_with_exit_reason"] += sum(c.exited_at is not None for c in contacts)
        count["contacts_with_shared_email"] += sum(
            c.email == words.SHARED_MAILBOX for c in contacts
        )
        count["misspelled_emails"] += sum(_is_misspelled(c.email) for c in contacts)
        count["misspelled_emails"] += sum(_is_misspelled(name.email) for name in names)
        count["guest_orders"] += sum(bool(n.email) and not n.contact_id for n in names)
        count["orders_of_one_second"] += len(life.orders) - len({o.at for o in life.orders})
        count["edited_reviews"] += sum(review.edited_at is not None for review in life.reviews)
        count["negative_social_posts"] += sum((t.sentiment or 0) < 0 for t in life.interactions)
    count["unidentified_orders"] = sum(order.name == UNIDENTIFIED for order in batch.orders)
    ids = {contact.key for contact in batch.contacts}
    count["contact_ids_equal_but_for_zeros"] = sum(
        key.zfill(7) in ids for key in ids if len(key) < 7
    )
    for order in batch.orders:
        count.update(_kinds_of(order))
    return count


def _is_misspelled(email: str) -> bool:
    return email != email.strip().lower()


def _kinds_of(order: Order) -> dict[str, int]:
    refunded = sum(refund.goods for refund in order.refunds)
    goods = order.items - order.discount
    promised_at, delivered_at = order.promised_at, order.delivered_at
    return {
        f"orders_{order.exported_status}": 1,
        f"orders_in_{order.currency}": 1,
        "orders_without_status": not order.exports_status,
        "orders_without_items_amount": not order.exports_items and order.exports_lines,
        "orders_without_lines": not order.exports_lines,
        "orders_with_payments_only": not order.exports_lines and not order.exports_items,
        "orders_with_line_discounts": not order.exports_discount,
        "split_payments": len(order.payments) > 1,
        "placed_but_paid": order.exported_status == "placed" and bool(order.payments),
        "partial_refunds": 0 < refunded < goods,
        "full_refunds": refunded >= goods > 0,
        "several_refunds": len(order.refunds) > 1,
        "late_parcels": bool(promised_at and delivered_at and delivered_at > promised_at),
        "delivered_without_time": order.status == "delivered" and order.delivered_at is None,
    }
