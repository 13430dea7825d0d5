with source as (
    {{ latest_deliveries(
        'loyalty_entries',
        columns=[
            'entry_id', 'contact_id', 'email', 'phone', 'external_id', 'order_id', 'kind',
            'tier', 'points', 'occurred_at',
        ],
        key=['entry_id'],
    ) }}
),

renamed as (
    select
        source_system,
        entry_id,
        contact_id,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone') }} as phone,
        external_id,
        order_id,
        lower(kind) as kind,
        lower(tier) as tier,
        {{ quantity('points') }} as points,
        {{ utc_time('occurred_at') }} as occurred_at
    from source
)

select * from renamed
