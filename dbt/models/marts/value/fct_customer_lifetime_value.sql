-- Grain: customer, as-of date. Observed value, the inputs of buy-till-you-die models (frequency
-- counts repeat purchase days; recency and age are days since the first purchase), and the
-- champion's predictions for the customer's cell, or a guess that no model beat, by its name.
-- reason_code explains missing predictions.
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
    select
        max(model_id) as model_id,
        max(reason_code) as reason_code,
        max(orders_method) as orders_method,
        max(revenue_method) as revenue_method,
        max(horizon_days) as horizon_days,
        max(last_year_share) as last_year_share,
        max(discount_factor) as discount_factor
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
),

forecast as (
    select
        scored.*,
        case
            when verdicts.orders_method = 'last_year'
                then scored.last_year_purchases * verdicts.last_year_share
            when verdicts.orders_method = 'naive'
                then
                    verdicts.horizon_days
                    * least(cast(scored.frequency as double) / greatest(scored.age, 1), 1)
            else scored.expected_orders
        end as orders,
        case
            when verdicts.revenue_method = 'last_year'
                then
                    greatest(cast(scored.last_year_amount as double), 0)
                    * verdicts.last_year_share * verdicts.discount_factor
            else scored.revenue
        end as money
    from scored
    cross join verdicts
)

select
    customers.customer_id,
    {{ as_of_date() }} as as_of,
    forecast.frequency,
    forecast.recency,
    forecast.age,
    forecast.monetary_value,
    {{ money('coalesce(totals.lifetime_net_revenue, 0)') }} as lifetime_net_revenue,
    {{ money("case
        when totals.customer_id is null then 0
        else totals.lifetime_margin
    end") }} as lifetime_margin,
    forecast.probability_alive,
    forecast.probability_active as probability_active_12m,
    forecast.orders as expected_orders_12m,
    {{ money('forecast.money') }} as predicted_revenue_12m,
    -- A quantile is 0 where buying nothing is likelier than its level: intervals hold the mean.
    {% for level in ['80', '95'] -%}
    {% set suffix = '' if level == '80' else '_95' -%}
    {{ money('forecast.revenue_low_' ~ level) }} as predicted_revenue_12m_low{{ suffix }},
    case
        when forecast.revenue_high_{{ level }} is not null
            then {{ money('greatest(forecast.revenue_high_' ~ level ~ ', forecast.money)') }}
    end as predicted_revenue_12m_high{{ suffix }},
    {% endfor -%}
    {{ money('case
        when totals.lifetime_net_revenue > 0
            then forecast.money
            * (cast(totals.lifetime_margin as double) / cast(totals.lifetime_net_revenue as double))
    end') }} as predicted_margin_12m,
    -- No date for who is probably gone, and none beyond the models' horizon of a century.
    case
        when forecast.time_to_next_order < 36500 and forecast.probability_alive >= 0.5
            then {{ date_after(
                as_of_date(), 'cast(floor(forecast.time_to_next_order) as integer)'
            ) }}
    end as expected_next_order_date,
    case when forecast.orders is not null then verdicts.orders_method end as orders_method,
    case when forecast.money is not null then verdicts.revenue_method end as revenue_method,
    case when forecast.is_scored then verdicts.model_id end as model_id,
    case
        when forecast.customer_id is null then 'no_orders'
        else coalesce(verdicts.reason_code, 'no_model')
    end as reason_code
from customers
cross join verdicts
left join totals on customers.customer_id = totals.customer_id
left join forecast on customers.customer_id = forecast.customer_id
