"""The baseline (bare DuckDB): the served marts by the shortest SQL we know, which the product's speed is
measured against. It keeps no raw tables, no ledger and no versions, resolves identity by one rule, and
checks nothing.

Belongs here: `inputs/`, one script a source that maps its files into the input tables; `marts/`, the SQL of
every mart, written once over those tables; and `run.py`, which runs them. Does not belong here: measuring.

The input tables, of records up to `as_of`:

- `input_contacts`: customer_id, subject_id (the contact in activities), external_id_key, email_key,
  phone_key, acquisition_channel, country_code, is_company, marketing_consent, is_deleted, created_at
- `input_orders`, in the order's currency: order_id, customer_id, status, channel, currency_code, rate,
  items_amount, discount_amount, shipping_amount, tax_amount, received_amount, cost_amount (in the reporting
  currency), ordered_at, promised_at, delivered_at
- `input_refunds`: refund_id, order_id, original_amount, refund_amount (in the reporting currency),
  refunded_at
- `input_interactions`: customer_id, activity, subject_id, channel, campaign, content_id, sentiment,
  occurred_at
- `input_reviews`: review_id, customer_id, order_id, platform, rating, is_public, reviewed_at
- `input_products`: product_id, product_name, category, brand, unit_cost

No source delivers checkouts, tickets, surveys, referrals or loyalty entries: marts hold nothing, null or 0
for them."""

from pathlib import Path

NAME = "baseline (bare DuckDB)"
SCRIPT = Path(__file__).with_name("run.py")
# Fitted outside SQL: the baseline has these tables without rows, and null in columns that begin so.
FITTED_TABLES = (
    "lifecycle.rpt_stage_forecast",
    "lifecycle.rpt_stage_forecast_backtest",
    "value.lifetime_value_models",
    "value.rpt_forecast_candidates",
    "value.rpt_lifetime_value_diagnostics",
    "value.rpt_revenue_forecast",
    "value.rpt_revenue_forecast_backtest",
)
FITTED_COLUMNS = (
    "probability_a",
    "expected_orders_",
    "predicted_",
    "expected_next_order_date",
    "model_id",
    "reason_code",
)
