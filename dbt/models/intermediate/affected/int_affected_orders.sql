-- One row per order that is computed again: the order or one of its lines, payments or refunds
-- arrived, was corrected or became past; the cost or kind of one of its products changed; or its exchange
-- rate or the reporting currency changed. Empty in a full refresh.
{% set parts = {
    'input_order_lines': [], 'input_payments': ['paid_at'], 'input_refunds': ['refunded_at'],
} %}
{% set before = table_before('int_orders_valued') %}
with changed as (
    select source_system, order_id
    from {{ ref('input_orders') }}
    where
        _load_number > {{ last_load() }}
        or {{ became_past('ordered_at') }}
        or {{ became_past('delivered_at') }}
    {%- for part, times in parts.items() %}
    union
    select source_system, order_id
    from {{ ref(part) }}
    where
        _load_number > {{ last_load() }}
        {%- for time in times %}
        or {{ became_past(time) }}
        {%- endfor %}
    union
    select source_system, replaced_order_id as order_id
    from {{ ref(part) }}
    where _load_number > {{ last_load() }}
    {%- endfor %}
    union
    select lines.source_system, lines.order_id
    from {{ ref('input_order_lines') }} as lines
    inner join {{ ref('input_products') }} as products
        on lines.source_system = products.source_system
        and lines.product_id = products.product_id
    where
        products._load_number > {{ last_load() }}
        and (
            coalesce(products.unit_cost, -1) <> coalesce(products.replaced_unit_cost, -1)
            or products.kind <> coalesce(products.replaced_kind, 'goods')
        )
    union
    -- Whether what gift cards pay for is revenue depends on all products of the system.
    select payments.source_system, payments.order_id
    from {{ ref('input_payments') }} as payments
    inner join {{ ref('input_products') }} as products
        on payments.source_system = products.source_system
    where
        payments.method = 'gift_card'
        and products._load_number > {{ last_load() }}
        and products.kind <> coalesce(products.replaced_kind, 'goods')
),

-- A new or corrected rate changes the amounts of its currency from its day on. It also changes
-- those before the first unchanged rate: days before the first rate use the first rate.
rates as (
    select
        currency_code,
        rate_date,
        _load_number > {{ last_load() }}
        or {{ date_became_past('rate_date') }} as is_new
    from {{ ref('input_currency_rates') }}
    where rate_date < {{ as_of_date() }}
),

new_rates as (
    select
        currency_code,
        min(case when is_new then rate_date end) as first_new_date,
        min(case when not is_new then rate_date end) as first_old_date
    from rates
    group by currency_code
    having min(case when is_new then rate_date end) is not null
),

amounts as (
    select source_system, order_id, currency_code, {{ date_of('ordered_at') }} as booked_date
    from {{ ref('input_orders') }}
    union all
    select
        refunds.source_system, refunds.order_id, orders.currency_code,
        {{ date_of('refunds.refunded_at') }} as booked_date
    from {{ ref('input_refunds') }} as refunds
    inner join {{ ref('input_orders') }} as orders
        on refunds.source_system = orders.source_system
        and refunds.order_id = orders.order_id
),

reporting_before as (
    {%- if before %}
    select min(currency_code) as currency_code from {{ before }}
    {%- else %}
    select cast(null as {{ dbt.type_string() }}) as currency_code
    {%- endif %}
),

converted as (
    select amounts.source_system, amounts.order_id
    from amounts
    inner join new_rates
        on amounts.currency_code = new_rates.currency_code
    where
        amounts.booked_date >= new_rates.first_new_date
        or new_rates.first_old_date is null
        or amounts.booked_date < new_rates.first_old_date
    union
    select orders.source_system, orders.order_id
    from {{ ref('input_orders') }} as orders
    cross join {{ ref('int_reporting_currency') }} as reporting
    cross join reporting_before
    where reporting.currency_code <> reporting_before.currency_code
)

select source_system, order_id from changed
where {{ is_incremental_build() }}
union
select source_system, order_id from converted
where {{ is_incremental_build() }}
