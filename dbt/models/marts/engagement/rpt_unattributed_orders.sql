-- Grain: month of the order, reason. Every month with counted orders has every reason, so that a
-- series has no gaps. Summed over reasons, orders and net revenue are those that each model of
-- rpt_channel_attribution credits to the channel `unknown`.
{% set reasons = [
    'channel_not_mapped', 'channel_not_given', 'touch_too_old', 'no_touch', 'unidentified',
] %}
with months as (
    select
        {{ month_of('ordered_at') }} as month,
        count(*) as counted_order_count
    from {{ ref('int_order_paths') }}
    group by {{ month_of('ordered_at') }}
),

reasons as (
    {%- for reason in reasons %}
    select '{{ reason }}' as reason
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

unattributed as (
    select
        {{ month_of('ordered_at') }} as month,
        reason,
        count(*) as order_count,
        sum(net_amount) as net_revenue
    from {{ ref('int_orders_unattributed') }}
    group by {{ month_of('ordered_at') }}, reason
)

select
    months.month,
    reasons.reason,
    cast(coalesce(unattributed.order_count, 0) as integer) as order_count,
    {{ mean('coalesce(unattributed.order_count, 0)', 'months.counted_order_count') }}
        as order_share,
    {{ money('coalesce(unattributed.net_revenue, 0)') }} as net_revenue,
    reporting.currency_code
from months
cross join reasons
cross join {{ ref('int_reporting_currency') }} as reporting
left join unattributed
    on months.month = unattributed.month
    and reasons.reason = unattributed.reason
