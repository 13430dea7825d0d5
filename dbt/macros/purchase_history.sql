{# The purchases of each customer on days before `until` (a date), as the lifetime-value models read them. One row per
   customer who bought:
   - frequency: purchase days after the first.
   - recency: days from the first purchase day to the last.
   - age: days from the first purchase day to the last day observed.
   - spend_frequency: later purchase days with revenue.
   - monetary_value: mean revenue of those days. #}
{% macro purchase_history(until) %}
    select
        days.customer_id,
        cast(count(*) - 1 as integer) as frequency,
        cast({{ days_between('min(days.first_purchase_date)', 'max(days.purchase_date)') }} as integer) as recency,
        cast({{ days_between('min(days.first_purchase_date)', until) }} - 1 as integer) as age,
        cast(sum(
            case when days.purchase_date > days.first_purchase_date and days.day_amount > 0 then 1 else 0 end
        ) as integer) as spend_frequency,
        {{ mean_money(
            'sum(case when days.purchase_date > days.first_purchase_date and days.day_amount > 0 then days.day_amount end)',
            'sum(case when days.purchase_date > days.first_purchase_date and days.day_amount > 0 then 1 end)'
        ) }} as monetary_value,
        cast(sum(
            case when days.purchase_date >= {{ date_after(until, -365) }} then 1 else 0 end
        ) as integer) as last_year_purchases,
        {{ money('sum(case when days.purchase_date >= ' ~ date_after(until, -365) ~ ' then days.day_amount else 0 end)') }}
            as last_year_amount
    from {{ ref('int_customer_purchase_days') }} as days
    where days.purchase_date < {{ until }}
    group by days.customer_id
{% endmacro %}

{# The day (exclusive) up to which models are fitted: the Monday on or before as_of. All builds of a week share them. #}
{% macro fitted_until() -%}
    {{ week_start(as_of_date()) }}
{%- endmacro %}
