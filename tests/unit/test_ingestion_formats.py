"""Formats: the shipped ones match the public contract; an invalid one is refused with a clear message."""

from pathlib import Path

import pytest

from dagster_project.ingestion import FormatError, load_format

# The contract's table, `*` = required, `person` = the four identifiers.
CONTRACT = """
contacts: contact_id*, created_at*, email, phone, external_id, first_name, last_name, company, \
job_title, birth_date, gender, city, region, country_code, acquisition_channel, campaign, \
referred_by, lifecycle_status, exit_reason, exited_at, marketing_consent, email_consent, \
sms_consent, phone_consent, consented_at, consent_source, merged_into
interactions: interaction_id*, occurred_at*, person, kind*, direction, channel, campaign, \
content_id, sentiment, outcome
support_tickets: ticket_id*, opened_at*, person, order_id, topic, first_response_at, resolved_at, \
satisfaction, satisfaction_scale
orders: order_id*, ordered_at*, person, status, currency_code, items_amount, discount_amount, \
shipping_amount, tax_amount, delivered_at, promised_at, channel, campaign, coupon_code, is_test, \
prices_include_tax
order_lines: order_id*, line_number*, product_id, quantity*, unit_price*, discount_amount, unit_cost
payments: payment_id*, order_id*, paid_at, method, amount*, status
refunds: refund_id*, refunded_at*, amount*, order_id, person, items_amount, tax_amount, \
shipping_amount, currency_code, reason, status
checkouts: checkout_id*, started_at*, person, shipping_at, payment_at, completed_at, abandoned_at, \
order_id, amount
products: product_id*, name, category, brand, unit_cost, kind
reviews: review_id*, reviewed_at*, person, order_id, product_id, rating, rating_scale, title, body, \
platform, is_public, is_verified, reply_at
survey_responses: response_id*, responded_at*, person, kind*, score*, order_id, comment
referrals: referral_id*, referred_at*, person, referee_email, referee_contact_id, converted_order_id
loyalty_entries: entry_id*, occurred_at*, person, kind*, points*, order_id, tier
currency_rates: rate_date*, currency_code*, rate*
"""
PERSON = "contact_id, email, phone, external_id"


def test_the_generic_format_is_the_contracts_table() -> None:
    declared = {}
    for line in CONTRACT.strip().splitlines():
        entity, columns = line.split(": ")
        declared[entity] = f"{columns}, updated_at, deleted_at".replace("person", PERSON).split(
            ", "
        )
    loaded = {
        name: [column.name + "*" * column.required for column in entity.columns]
        for name, entity in load_format("generic").entities.items()
    }
    assert loaded == declared


def test_every_generic_entity_has_a_key_and_events_have_a_time() -> None:
    entities = load_format("generic").entities
    assert all(entity.key for entity in entities.values())
    timeless = {name for name, entity in entities.items() if entity.event_time is None}
    assert timeless == {"products", "order_lines", "currency_rates"}


def test_complete_journey_reads_crm_and_orders() -> None:
    entities = load_format("complete_journey").entities
    assert entities["transactions"].event_time == "transaction_timestamp"
    assert "campaign_id" in entities["coupon_redemptions"].required


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("entities: [", "not valid YAML"),
        ("columns: {}", "no mapping `entities`"),
        ("entities: {a: {kolumns: {}}}", "has no mapping `columns`"),
        ("entities: {a: {keys: [], columns: {}}}", "unknown entry keys"),
        ("entities: {a: {columns: {b: {type: money}}}}", "needs a type out of"),
        ("entities: {a: {columns: {B: {type: text}}}}", "must be lower-case"),
        ("entities: {a: {columns: {_load_id: {type: text}}}}", "must be lower-case"),
        ("entities: {a: {key: [b], columns: {b: {type: text}}}}", "not a required column"),
        ("entities: {a: {event_time: b, columns: {b: {type: text}}}}", "type time or date"),
        ("entities: {a: {columns: {b: {type: text, one_of: [yes]}}}}", "list of texts"),
        ("entities: {a: {columns: {b: {type: decimal, min: low}}}}", "not a number"),
        ("entities: {a: {columns: {b: {type: time, earliest: 5}}}}", "not a date such as"),
        ("entities: {a: {owner: [c], columns: {b: {type: text}}}}", "unknown column c"),
        ("entities: {a: {repeats: [c], columns: {b: {type: text}}}}", "unknown column c"),
        ("entities: {a: {refused: [{if: x}], columns: {b: {type: text}}}}", "columns, if, reason"),
    ],
)
def test_a_wrong_format_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(FormatError, match=message) as error:
        load_format("mine", tmp_path)
    assert error.value.where == str(tmp_path / "mine.yaml")


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(FormatError, match="complete_journey, generic"):
        load_format("generik")
