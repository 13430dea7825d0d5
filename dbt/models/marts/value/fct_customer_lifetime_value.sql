-- Grain: customer, as-of date. Observed value, the inputs of buy-till-you-die models (frequency
-- counts repeat purchase days; recency and age are days since the first purchase), and the
-- champion's predictions for the customer's cell. reason_code explains missing predictions.
with customers as (
    select customer_id from {{ ref('int_customer_activity_totals') }}
),

totals as (
    select customer_id, lifetime_net_revenue, lifetime_margin
    from {{ ref('int_customer_order_totals') }}
),

purchases as (
    select * from {{ ref('int_customer_purchases') }}
),

scores as (
    select * from {{ source('forecast', 'lifetime_value_scores') }}
),

verdicts as (
    select max(model_id) as model_id, max(reason_code) as reason_code
    from {{ source('forecast', 'lifetime_value_verdicts') }}
),

scored as (
    select
        purchases.*,
        scores.probability_alive,
        scores.probability_active,
        scores.expected_orders,
        scores.time_to_next_order,
        {%- for name in [
            'revenue', 'revenue_low_80', 'revenue_high_80', 'revenue_low_95', 'revenue_high_95',
        ] %}
        scores.{{ name }}_constant
        + scores.{{ name }}_slope * coalesce(cast(purchases.monetary_value as double), 0)
            as {{ name }},
        {%- endfor %}
        scores.frequency is not null as is_scored
    from purchases
    left join scores
        on purchases.frequency = scores.frequency
        and purchases.cell_recency = scores.cell_recency
        and purchases.cell_age = scores.cell_age
        and purchases.spend_frequency = scores.spend_frequency
)

select
    customers.customer_id,
    {{ as_of_date() }} as as_of,
    scored.frequency,
    scored.recency,
    scored.age,
    scored.monetary_value,
    {{ money('coalesce(totals.lifetime_net_revenue, 0)') }} as lifetime_net_revenue,
    {{ money("case
        when totals.customer_id is null then 0
        else totals.lifetime_margin
    end") }} as lifetime_margin,
    scored.probability_alive,
    scored.probability_active as probability_active_12m,
    scored.expected_orders as expected_orders_12m,
    {{ money('scored.revenue') }} as predicted_revenue_12m,
    {{ money('scored.revenue_low_80') }} as predicted_revenue_12m_low,
    {{ money('scored.revenue_high_80') }} as predicted_revenue_12m_high,
    {{ money('scored.revenue_low_95') }} as predicted_revenue_12m_low_95,
    {{ money('scored.revenue_high_95') }} as predicted_revenue_12m_high_95,
    {{ money('case
        when totals.lifetime_net_revenue > 0
            then scored.revenue
            * (cast(totals.lifetime_margin as double) / cast(totals.lifetime_net_revenue as double))
    end') }} as predicted_margin_12m,
    -- There is no date beyond the models' horizon of a century.
    case
        when scored.time_to_next_order < 36500
            then {{ date_after(
                as_of_date(), 'cast(floor(scored.time_to_next_order) as integer)'
            ) }}
    end as expected_next_order_date,
    case when scored.is_scored then verdicts.model_id end as model_id,
    case
        when scored.customer_id is null then 'no_orders'
        when scored.is_scored then verdicts.reason_code
        else coalesce(verdicts.reason_code, 'no_model')
    end as reason_code
from customers
cross join verdicts
left join totals on customers.customer_id = totals.customer_id
left join scored on customers.customer_id = scored.customer_id
