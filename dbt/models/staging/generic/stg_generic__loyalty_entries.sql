with source as (
    {{ deliveries(
        'loyalty_entries',
        columns=[
            'entry_id', 'contact_id', 'email', 'phone', 'external_id', 'order_id', 'kind', 'tier',
            'points',
        ],
        times=['occurred_at', 'updated_at', 'deleted_at'],
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
        {{ word_code('kind', 'loyalty_kinds') }} as kind,
        {{ served_text(lowered('tier')) }} as tier,
        {{ quantity('points') }} as points,
        {{ utc_time('occurred_at') }} as occurred_at,
        {{ deletion_time() }} as deleted_at,
        {{ utc_time('updated_at') }} as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
