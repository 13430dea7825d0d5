-- Value of customers. What is fitted outside SQL is left out: predictions are null, tables of
-- models empty.
create table value.fct_customer_lifetime_value as
with days as (
    select customer_id, cast(ordered_at as date) as day, sum(net_amount) as amount
    from counted_orders
    group by customer_id, day
),

spent as (
    select
        days.customer_id,
        count(*) as day_count,
        min(day) as first_day,
        max(day) as last_day,
        sum(amount) filter (amount > 0 and day > cast(first_order_at as date)) as repeat_amount,
        count(*) filter (amount > 0 and day > cast(first_order_at as date)) as paid_repeat_count
    from days
    inner join indicators using (customer_id)
    group by days.customer_id
)

select
    customer_id,
    getvariable('as_of')::date as as_of,
    cast(day_count - 1 as integer) as frequency,
    cast(datediff('day', first_day, last_day) as integer) as recency,
    cast(datediff('day', first_day, getvariable('as_of')::date) - 1 as integer) as age,
    -- To the cent, half up, in whole cents.
    cast(
        (2 * cast(repeat_amount * 100 as bigint) + paid_repeat_count)
        // nullif(2 * paid_repeat_count, 0) * 0.01 as decimal(18, 2)
    ) as monetary_value,
    cast(coalesce(net_amount, 0) as decimal(18, 2)) as lifetime_net_revenue,
    cast(case when counted_order_count is null then 0 else margin end as decimal(18, 2))
        as lifetime_margin,
    cast(null as double) as probability_alive,
    cast(null as double) as probability_active_12m,
    cast(null as double) as expected_orders_12m,
    cast(null as decimal(18, 2)) as predicted_revenue_12m,
    cast(null as decimal(18, 2)) as predicted_revenue_12m_low,
    cast(null as decimal(18, 2)) as predicted_revenue_12m_high,
    cast(null as decimal(18, 2)) as predicted_revenue_12m_low_95,
    cast(null as decimal(18, 2)) as predicted_revenue_12m_high_95,
    cast(null as decimal(18, 2)) as predicted_margin_12m,
    cast(null as date) as expected_next_order_date,
    cast(null as varchar) as orders_method,
    cast(null as varchar) as revenue_method,
    cast(null as varchar) as model_id,
    case when counted_order_count is null then 'no_orders' else 'no_model' end as reason_code
from indicators
left join spent using (customer_id);

create table value.lifetime_value_models (
    model_id varchar,
    family varchar,
    component varchar,
    segment varchar,
    status varchar,
    is_champion boolean,
    parameters varchar,
    log_covariance varchar,
    at_boundary varchar,
    data_hash varchar,
    customer_count integer,
    iterations integer,
    log_likelihood double,
    comparable_log_likelihood double,
    frequency_spend_correlation double,
    holdout_mae double,
    holdout_rmse double,
    holdout_relative_mae double,
    holdout_relative_rmse double,
    holdout_aggregate_error double,
    holdout_gini double, holdout_log_score double, holdout_active_calibration_error double, holdout_coverage_80 double,
    holdout_coverage_95 double, holdout_spend_mae double, holdout_spend_aggregate_error double,
    holdout_spend_coverage_80 double,
    holdout_spend_coverage_95 double,
    expected_orders_12m double,
    expected_orders_12m_low double,
    expected_orders_12m_high double,
    as_of date,
    fitted_to date,
    fitted_at timestamp
);

create table value.rpt_lifetime_value_diagnostics (
    diagnostic varchar,
    family varchar,
    point_number integer,
    position double,
    expected double,
    actual double
);

create table value.fct_customer_rfm as
with ranked as (
    select
        customer_id,
        days_since_last_order::integer as days_since_last_order,
        counted_order_count::integer as order_count,
        net_amount as net_revenue,
        percent_rank() over (order by days_since_last_order desc) as recency_rank,
        percent_rank() over (order by counted_order_count) as frequency_rank,
        percent_rank() over (order by net_amount) as monetary_rank,
        getvariable('rfm_bands') as bands
    from indicators
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
    if(count(*) over () >= getvariable('rfm_minimum_buyers'), segments.segment, null) as segment,
    if(
        count(*) over () >= getvariable('rfm_minimum_buyers'), null, 'too_few_buyers'
    ) as segment_reason
from scored
inner join read_csv(getvariable('seeds') || '/rfm_segments.csv', header = true) as segments
    on scored.recency_score = segments.recency_score
    and scored.frequency_score = segments.frequency_score;

create table value.rpt_rfm_stages as
select
    segment,
    relationship_stage,
    count(*)::integer as customer_count,
    (count(*) / sum(count(*)) over (partition by segment))::decimal(18, 6) as segment_share,
    (count(*) / sum(count(*)) over (partition by relationship_stage))::decimal(18, 6)
        as stage_share,
    sum(net_revenue)::decimal(18, 2) as net_revenue,
    getvariable('currency') as currency_code
from value.fct_customer_rfm
inner join core.dim_customers using (customer_id)
where segment is not null
group by segment, relationship_stage;

create table value.fct_customer_value_monthly as
with booked as (
    select
        customer_id, date_trunc('month', ordered_at)::date as month, 1 as order_count,
        (order_number > 1)::integer as later_order_count,
        items_amount,
        discount_amount,
        0 as refund_amount,
        if(order_number = 1, items_amount - discount_amount, 0) as first_order_revenue, cost_amount
    from orders
    inner join (select order_id, order_number from counted_orders) as numbers using (order_id)
    union all
    select
        customer_id,
        date_trunc('month', refunded_at)::date,
        0,
        0,
        0,
        0,
        input_refunds.refund_amount,
        0,
        0
    from input_refunds
    inner join orders using (order_id)
    where is_counted
),

monthly as (
    select
        customer_id,
        month,
        sum(order_count)::integer as order_count,
        sum(later_order_count)::integer as later_order_count,
        sum(items_amount)::decimal(18, 2) as gross_revenue,
        sum(discount_amount)::decimal(18, 2) as discounts,
        sum(refund_amount)::decimal(18, 2) as refunds,
        sum(first_order_revenue)::decimal(18, 2) as first_order_revenue,
        (gross_revenue - discounts - refunds)::decimal(18, 2) as net_revenue,
        (net_revenue - sum(cost_amount))::decimal(18, 2) as margin
    from booked
    group by customer_id, month
)

select
    customer_id,
    month,
    getvariable('currency') as currency_code,
    order_count,
    later_order_count,
    gross_revenue,
    discounts as discount_amount, refunds as refund_amount, net_revenue, first_order_revenue,
    (gross_revenue - discounts - first_order_revenue)::decimal(18, 2) as later_order_revenue,
    margin,
    (sum(order_count) over past)::integer as cumulative_order_count,
    (sum(net_revenue) over past)::decimal(18, 2) as cumulative_net_revenue,
    (sum(margin) over past)::decimal(18, 2) as cumulative_margin
from monthly
window past as (partition by customer_id order by month rows unbounded preceding);
