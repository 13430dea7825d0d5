-- One row per customer in the backtest of the lifetime-value models: the purchases up to some
-- months before the fit, and those in the months after. Customer ids are pseudonyms, so the first
-- ones are as good as a random sample.
with splits as (
    select
        {{ fitted_until() }} as fitted_until,
        {{ date_after(fitted_until(), '-thresholds.value_holdout_days') }} as split_date,
        cast(thresholds.value_holdout_days as integer) as holdout_days,
        thresholds.value_backtest_customers
    from {{ ref('int_thresholds') }} as thresholds
),

buyers as (
    select days.customer_id
    from {{ ref('int_customer_purchase_days') }} as days
    cross join splits
    where days.first_purchase_date < splits.split_date
    group by days.customer_id
),

chosen as (
    select
        customer_id,
        row_number() over (order by customer_id) as lot
    from buyers
)

select
    splits.holdout_days,
    cast(sum(case when days.purchase_date < splits.split_date then 1 else 0 end) - 1 as integer)
        as frequency,
    cast({{ days_between(
        'min(days.first_purchase_date)',
        'max(case when days.purchase_date < splits.split_date then days.purchase_date end)'
    ) }} as integer) as recency,
    cast({{ days_between('min(days.first_purchase_date)', 'splits.split_date') }} - 1 as integer)
        as age,
    cast(sum(case
        when
            days.purchase_date > days.first_purchase_date
            and days.purchase_date < splits.split_date
            and days.day_amount > 0
            then 1
        else 0
    end) as integer) as spend_frequency,
    {{ money('coalesce(sum(case
        when
            days.purchase_date > days.first_purchase_date
            and days.purchase_date < splits.split_date
            and days.day_amount > 0
            then days.day_amount
    end), 0)') }} as spend_amount,
    cast(sum(case when days.purchase_date >= splits.split_date then 1 else 0 end) as integer)
        as holdout_purchases,
    {{ money(
        'sum(case when days.purchase_date >= splits.split_date then days.day_amount else 0 end)'
    ) }}
        as holdout_amount,
    chosen.customer_id
from chosen
cross join splits
inner join {{ ref('int_customer_purchase_days') }} as days
    on chosen.customer_id = days.customer_id
where
    chosen.lot <= splits.value_backtest_customers
    and days.purchase_date < splits.fitted_until
group by chosen.customer_id, splits.split_date, splits.holdout_days
