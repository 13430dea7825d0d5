-- One row per product in a basket. The shelf price is the amount that the retailer received plus
-- the discounts that the retailer gave (loyalty card and coupon match). The manufacturer pays for
-- its own coupons, so they are no discount of the shop (docs/decisions/0007).
with source as (
    select
        basket_id,
        product_id,
        quantity,
        sales_value,
        retail_disc,
        coupon_match_disc,
        _load_number,
        _source_row
    from {{ source('raw_complete_journey', 'transactions') }}
    where {{ is_known('complete_journey') }}
),

valued as (
    select
        basket_id,
        product_id,
        {{ quantity('quantity') }} as quantity,
        {{ money('sales_value') }} as received_amount,
        {{ money('retail_disc') }} + {{ money('coupon_match_disc') }} as discount_amount,
        _load_number,
        _source_row
    from source
),

renamed as (
    select
        'complete_journey' as source_system,
        {{ text('basket_id') }} as order_id,
        {{ text('product_id') }} as line_number,
        {{ text('product_id') }} as product_id,
        quantity,
        {{ quantity('(received_amount + discount_amount) / nullif(quantity, 0)') }} as unit_price,
        {{ money('discount_amount') }} as discount_amount,
        cast(null as decimal(18, 6)) as unit_cost,
        cast(null as timestamp) as deleted_at,
        cast(null as timestamp) as _version_at,
        _load_number,
        _source_row
    from valued
)

select * from renamed
