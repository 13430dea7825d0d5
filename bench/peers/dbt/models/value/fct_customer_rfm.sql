with ranked as (
    select
        customer_id,
        days_since_last_order::integer as days_since_last_order,
        counted_order_count::integer as order_count,
        net_amount as net_revenue,
        percent_rank() over (order by days_since_last_order desc) as recency_rank,
        percent_rank() over (order by counted_order_count) as frequency_rank,
        percent_rank() over (order by net_amount) as monetary_rank,
        5 as bands
    from {{ ref('int_indicators') }} as indicators
    where counted_order_count > 0
),
scored as (
    select
        customer_id,
        days_since_last_order,
        order_count,
        net_revenue,
        cast(least(floor(recency_rank * bands) + 1, bands) as integer) as recency_score,
        cast(least(floor(frequency_rank * bands) + 1, bands) as integer) as frequency_score,
        cast(least(floor(monetary_rank * bands) + 1, bands) as integer) as monetary_score
    from ranked
)
select
    scored.*,
    segments.segment
from scored
inner join {{ ref('stg_rfm_segments') }} as segments
    on scored.recency_score = segments.recency_score
    and scored.frequency_score = segments.frequency_score
