-- A build for a past day shows nothing that happened at or after as_of. GX checks the first and
-- last times of customers and the times of activities and stage entries.
{{ config(
    meta={'dagster': {'ref': {'name': 'fct_orders'}}, 'shows': ['violation', 'row_count']},
    fail_calc='coalesce(sum(row_count), 0)',
) }}
{% set times = {
    'fct_orders': ['ordered_at', 'delivered_at'],
    'fct_reviews': ['reviewed_at', 'reply_at'],
    'fct_customer_stage_intervals': ['valid_from', 'valid_to'],
    'dim_customers': ['last_active_at', 'first_order_at'],
    'dim_dates': ['date_day'],
    'fct_lifecycle_stages_daily': ['date'],
    'rpt_stage_transition_matrix': ['month'],
    'fct_churn_reasons': ['evidence_at', 'lost_at', 'returned_at'],
    'fct_win_backs': ['attempted_at', 'returned_at'],
    'fct_post_purchase': ['ordered_at', 'thanked_at', 'delivered_at', 'followed_up_at'],
    'rpt_content_performance': ['first_viewed_at', 'last_viewed_at'],
    'rpt_channel_attribution': ['month'],
    'rpt_checkout_funnel': ['month'],
    'rpt_advocacy': ['month'],
    'customers_in_lost': ['last_win_back_at'],
    'customers_in_purchase': ['last_checkout_started_at'],
    'customers_in_post_purchase_engagement': ['last_delivered_at'],
} %}
{%- for mart, columns in times.items() %}
{%- set is_last = loop.last %}
{%- for column in columns %}
select '{{ mart }}.{{ column }}' as violation, count(*) as row_count
from {{ ref(mart) }}
where {{ column }} >= {{ as_of_date() if column in ('date', 'date_day', 'month') else as_of() }}
having count(*) > 0
{%- if not (loop.last and is_last) %}
union all
{%- endif %}
{%- endfor %}
{%- endfor %}
