{{ config(unique_key=['source_system', 'order_id']) }}
{{ newest_versions(
    [ref('stg_generic__orders'), ref('stg_complete_journey__orders')],
    key=['source_system', 'order_id'],
    columns=[
        'source_system', 'order_id', 'contact_id', 'email', 'phone', 'external_id',
        'status', 'currency_code', 'channel', 'campaign', 'coupon_code', 'items_amount',
        'discount_amount', 'shipping_amount', 'tax_amount', 'ordered_at', 'delivered_at',
        'promised_at', 'is_test', 'prices_include_tax', 'updated_at', 'deleted_at',
    ],
    names_person=true,
    replaced=['person_key'],
) }}
