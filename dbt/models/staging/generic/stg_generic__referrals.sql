with source as (
    {{ deliveries(
        'referrals',
        columns=[
            'referral_id', 'contact_id', 'email', 'phone', 'external_id', 'referee_email',
            'referee_contact_id', 'converted_order_id',
        ],
        times=['referred_at', 'updated_at', 'deleted_at'],
    ) }}
),

renamed as (
    select
        source_system,
        referral_id,
        contact_id,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone') }} as phone,
        external_id,
        {{ normalised_email('referee_email') }} as referee_email,
        referee_contact_id,
        converted_order_id,
        {{ utc_time('referred_at') }} as referred_at,
        {{ deletion_time() }} as deleted_at,
        {{ utc_time('updated_at') }} as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
