with source as (
    {{ deliveries(
        'loyalty_entries',
        columns=[
            'entry_id', 'contact_id', 'email', 'phone', 'external_id', 'order_id', 'kind', 'tier',
            'points',
        ],
        times=['occurred_at'],
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
        {{ lowered('kind') }} as kind,
        {{ lowered('tier') }} as tier,
        {{ quantity('points') }} as points,
        {{ utc_time('occurred_at') }} as occurred_at,
        cast(null as timestamp) as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
