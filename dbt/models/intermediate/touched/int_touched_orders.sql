-- One row per order that must be computed again since the last build: delivered or corrected, itself or its
-- lines, payments and refunds, or something of it became past, or the rates or the currency of all changed.
-- Empty when everything is computed.
{% set parts = {
    'input_order_lines': [], 'input_payments': ['paid_at'], 'input_refunds': ['refunded_at'],
} %}
{% set before = adapter.get_relation(
    database=this.database, schema=this.schema, identifier='int_orders_valued'
) if execute else none %}
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
),

new_rates as (
    select count(*) as new_rate_count
    from {{ ref('input_currency_rates') }}
    where
        _load_number > {{ last_load() }}
        or {{ became_past('cast(rate_date as timestamp)') }}
),

reporting_before as (
    {%- if before and build_heals() %}
    select min(currency_code) as currency_code from {{ before }}
    {%- else %}
    select cast(null as {{ dbt.type_string() }}) as currency_code
    {%- endif %}
),

converted as (
    select orders.source_system, orders.order_id
    from {{ ref('input_orders') }} as orders
    cross join {{ ref('int_reporting_currency') }} as reporting
    cross join reporting_before
    cross join new_rates
    where
        reporting.currency_code <> reporting_before.currency_code
        or (new_rates.new_rate_count > 0 and orders.currency_code <> reporting.currency_code)
)

select source_system, order_id from changed
where {{ build_heals() }}
union
select source_system, order_id from converted
where {{ build_heals() }}
