-- One row per customer and change point: the customer's state just after that instant, computed
-- from the past only. The predicates in dbt/lifecycles.yml read these columns.
-- LT02 cannot follow the loops of this model. -- noqa: disable=LT02
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
{% set counts = {
    'placed_orders': 'placed_order_count',
    'counted_orders': 'counted_order_count',
    'orders_in_window': 'orders_in_loyalty_window',
    'open_orders': 'open_order_count',
    'delivered_orders': 'delivered_order_count',
    'lapses': 'lapse_balance',
    'started_checkouts': 'started_checkout_count',
    'open_checkouts': 'open_checkout_count',
    'inquiries': 'inquiry_count',
    'advocacy_signals': 'advocacy_signal_count',
    'negative_opinions': 'negative_opinion_balance',
} %}
-- Changes at the same instant all count (range, not rows), and one row per instant is kept.
-- Grouping by instant first would be slower, because nearly every instant is unique.
with accumulated as (
    select
        customer_id,
        changed_at,
        lead(changed_at) over (partition by customer_id order by changed_at) as next_changed_at
        {%- for column, name in counts.items() %},
        cast(sum({{ column }}) over (
            partition by customer_id order by changed_at
            range between unbounded preceding and current row
        ) as integer) as {{ name }}
        {%- endfor %}
    from {{ ref('int_state_changes') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
)

select
    customer_id,
    changed_at,
    {%- for name in counts.values() if not name.endswith('_balance') %}
    {{ name }},
    {%- endfor %}
    lapse_balance > 0 as is_lapsed,
    negative_opinion_balance > 0 as is_last_opinion_negative,
    next_changed_at is null as is_latest
from accumulated
where
    next_changed_at is null
    or next_changed_at > changed_at
