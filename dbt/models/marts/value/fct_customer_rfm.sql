-- Grain: customer with at least one counted order. Scores are bands of the percentile rank, so
-- equal customers have equal scores; 5 is best. Recency here means days since the last order (RFM),
-- not the recency of BTYD models. Among a few buyers a band is one or two people, so no segment is
-- named.
with customers as (
    select
        customer_id,
        {{ days_between(date_of('last_order_at'), as_of_date()) }} - 1
            as days_since_last_order,
        counted_order_count as order_count,
        lifetime_net_revenue as net_revenue
    from {{ ref('int_customer_order_totals') }}
    where counted_order_count > 0
),

thresholds as (
    select
        cast(rfm_bands as integer) as rfm_bands,
        rfm_minimum_buyers
    from {{ ref('int_thresholds') }}
),

ranked as (
    select
        customers.*,
        thresholds.rfm_bands,
        count(*) over () >= thresholds.rfm_minimum_buyers as has_segment,
        percent_rank() over (order by customers.days_since_last_order desc) as recency_rank,
        percent_rank() over (order by customers.order_count) as frequency_rank,
        percent_rank() over (order by customers.net_revenue) as monetary_rank
    from customers
    cross join thresholds
),

scored as (
    select
        customer_id,
        days_since_last_order,
        order_count,
        net_revenue,
        has_segment,
        cast(least(floor(recency_rank * rfm_bands) + 1, rfm_bands) as integer) as recency_score,
        cast(least(floor(frequency_rank * rfm_bands) + 1, rfm_bands) as integer) as frequency_score,
        cast(least(floor(monetary_rank * rfm_bands) + 1, rfm_bands) as integer) as monetary_score
    from ranked
)

select
    scored.customer_id,
    cast(scored.days_since_last_order as integer) as days_since_last_order,
    scored.order_count,
    {{ money('scored.net_revenue') }} as net_revenue,
    scored.recency_score,
    scored.frequency_score,
    scored.monetary_score,
    case when scored.has_segment then segments.segment end as segment,
    case when not scored.has_segment then 'too_few_buyers' end as segment_reason
from scored
inner join {{ ref('rfm_segments') }} as segments
    on scored.recency_score = segments.recency_score
    and scored.frequency_score = segments.frequency_score
