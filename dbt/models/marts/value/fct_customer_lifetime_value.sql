-- Grain: customer, as-of date. Observed value and the inputs of buy-till-you-die models: frequency is repeat
-- purchase days, recency and age are days since the first purchase. Predictions are null, with the reason in
-- reason_code, until a model is published.
with customers as (
    select customer_id from {{ ref('int_customer_activity_totals') }}
),

totals as (
    select customer_id, lifetime_net_revenue, lifetime_margin
    from {{ ref('int_customer_order_totals') }}
),

purchase_days as (
    select
        customer_id,
        cast(ordered_at as date) as purchase_date,
        sum(net_amount) as day_amount
    from {{ ref('int_orders_numbered') }}
    group by customer_id, cast(ordered_at as date)
),

first_days as (
    select
        customer_id,
        min(purchase_date) as first_purchase_date,
        max(purchase_date) as last_purchase_date,
        count(*) as purchase_day_count
    from purchase_days
    group by customer_id
),

repeats as (
    select
        purchase_days.customer_id,
        sum(purchase_days.day_amount) as repeat_amount,
        count(*) as paid_repeat_count
    from purchase_days
    inner join first_days
        on purchase_days.customer_id = first_days.customer_id
    where
        purchase_days.purchase_date > first_days.first_purchase_date
        and purchase_days.day_amount > 0
    group by purchase_days.customer_id
)

select
    customers.customer_id,
    {{ as_of_date() }} as as_of,
    cast(first_days.purchase_day_count - 1 as integer) as frequency,
    cast({{ days_between('first_days.first_purchase_date', 'first_days.last_purchase_date') }} as integer)
        as recency,
    cast({{ days_between('first_days.first_purchase_date', as_of_date()) }} - 1 as integer) as age,
    {{ mean_money('repeats.repeat_amount', 'repeats.paid_repeat_count') }} as monetary_value,
    {{ money('coalesce(totals.lifetime_net_revenue, 0)') }} as lifetime_net_revenue,
    {{ money("case
        when totals.customer_id is null then 0
        else totals.lifetime_margin
    end") }} as lifetime_margin,
    cast(null as double) as probability_alive,
    cast(null as double) as expected_orders_12m,
    {{ money('null') }} as predicted_revenue_12m,
    {{ money('null') }} as predicted_revenue_12m_low,
    {{ money('null') }} as predicted_revenue_12m_high,
    cast(null as date) as expected_next_order_date,
    cast(null as {{ dbt.type_string() }}) as model_id,
    case when first_days.customer_id is null then 'no_orders' else 'no_model' end as reason_code
from customers
left join totals on customers.customer_id = totals.customer_id
left join first_days on customers.customer_id = first_days.customer_id
left join repeats on customers.customer_id = repeats.customer_id
