with touches as (
    select customer_id, acquisition_channel as channel, activity, subject_id, occurred_at
    from {{ ref('fct_customer_activities') }} as fct_customer_activities
    semi join {{ ref('stg_touchpoints') }} as touchpoints using (activity)
    inner join {{ ref('int_channels') }} as channels on channel = delivered_channel
    where acquisition_channel <> 'unknown'
),
paired as (
    select
        order_id, net_amount, ordered_at, coalesce(channel, 'unknown') as channel,
        row_number() over (partition by order_id order by occurred_at, activity, subject_id) as touch_number,
        count(*) over (partition by order_id) as touch_count
    from {{ ref('int_numbered') }} as numbered
    left join touches
        on numbered.customer_id = touches.customer_id and occurred_at > touched_after and occurred_at <= ordered_at
),
credited as (
    select
        date_trunc('month', ordered_at)::date as month, channel, net_amount,
        (touch_number = 1)::integer as first, (touch_number = touch_count)::integer as last, 1 / touch_count as linear,
        case
            when touch_count = 1 then 1
            when touch_count = 2 then 0.5
            when touch_number in (1, touch_count) then 0.4
            else 0.2 / (touch_count - 2)
        end::double as position_based
    from paired
),
summed as (
    select
        month, channel, [sum(first), sum(last), sum(linear), sum(position_based)] as orders,
        [sum(first * net_amount), sum(last * net_amount), sum(linear * net_amount), sum(position_based * net_amount)]
            as revenues
    from credited
    group by month, channel
)
select
    month, unnest(['first', 'last', 'linear', 'position_based']) as attribution_model, channel,
    unnest(orders)::decimal(18, 6) as credited_order_count, unnest(revenues)::decimal(18, 2) as credited_net_revenue,
    'EUR' as currency_code
from summed
