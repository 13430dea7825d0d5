-- One row per basket. The source has only lines, so the header is their sum. All lines of a basket
-- have the same household and time (measured: true for all 155,848 baskets).
with source as (
    select
        basket_id,
        household_id,
        transaction_timestamp,
        sales_value,
        retail_disc,
        coupon_match_disc,
        _load_number
    from {{ source('raw_complete_journey', 'transactions') }}
    where {{ is_known('complete_journey') }}
),

baskets as (
    select
        basket_id,
        min(household_id) as household_id,
        min(transaction_timestamp) as ordered_at,
        sum({{ money('sales_value') }}) as received_amount,
        sum({{ money('retail_disc') }} + {{ money('coupon_match_disc') }}) as discount_amount,
        max(_load_number) as _load_number,
        cast(0 as bigint) as _source_row
    from source
    group by basket_id
),

renamed as (
    select
        'complete_journey' as source_system,
        {{ text('basket_id') }} as order_id,
        {{ text('household_id') }} as contact_id,
        cast(null as {{ dbt.type_string() }}) as email,
        cast(null as {{ dbt.type_string() }}) as phone,
        cast(null as {{ dbt.type_string() }}) as external_id,
        'completed' as status,
        'USD' as currency_code,
        'offline' as channel,
        cast(null as {{ dbt.type_string() }}) as campaign,
        cast(null as {{ dbt.type_string() }}) as coupon_code,
        {{ money('received_amount + discount_amount') }} as items_amount,
        {{ money('discount_amount') }} as discount_amount,
        {{ money('0') }} as shipping_amount,
        {{ money('0') }} as tax_amount,
        false as is_test,
        false as prices_include_tax,
        {{ utc_time('ordered_at') }} as ordered_at,
        cast(null as timestamp) as delivered_at,
        cast(null as timestamp) as promised_at,
        cast(null as timestamp) as updated_at,
        cast(null as timestamp) as deleted_at,
        cast(null as timestamp) as _version_at,
        _load_number,
        _source_row
    from baskets
)

select * from renamed
