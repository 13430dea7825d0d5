-- One row per date of int_strength_origins: what gives full points for orders and touches, and none
-- for recency. It is what all but the most active twentieth of the buyers had on that date
-- (`strength_scale_share`), so that a shop of frequent buyers has a scale on which they differ.
-- The thresholds are its bounds.
with measured as (
    {%- for input in ['days_since_last_order', 'recent_order_count', 'recent_activity_count'] %}
    select
        origin_date,
        '{{ input }}' as input,
        {{ input }} as input_value,
        count(*) as customer_count
    from {{ ref('int_strength_histories') }}
    group by origin_date, {{ input }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

running as (
    select
        origin_date,
        input,
        input_value,
        sum(customer_count) over (
            partition by origin_date, input
            order by input_value rows unbounded preceding
        ) as running_count,
        sum(customer_count) over (partition by origin_date, input) as customer_count
    from measured
),

quantiles as (
    select
        running.origin_date,
        {%- for input in ['days_since_last_order', 'recent_order_count', 'recent_activity_count'] %}
        min(case when running.input = '{{ input }}' then running.input_value end) as {{ input }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from running
    cross join {{ ref('int_thresholds') }} as thresholds
    where running.running_count >= thresholds.strength_scale_share * running.customer_count
    group by running.origin_date
)

select
    origins.origin_date,
    origins.is_now,
    cast(least(
        thresholds.strength_recency_days,
        greatest(coalesce(quantiles.days_since_last_order, thresholds.strength_recency_days), 1)
    ) as integer) as recency_days,
    cast(greatest(
        thresholds.strength_order_count, coalesce(quantiles.recent_order_count, 0)
    ) as integer) as order_count,
    cast(greatest(
        thresholds.strength_interaction_count, coalesce(quantiles.recent_activity_count, 0)
    ) as integer) as interaction_count
from {{ ref('int_strength_origins') }} as origins
cross join {{ ref('int_thresholds') }} as thresholds
left join quantiles
    on origins.origin_date = quantiles.origin_date
