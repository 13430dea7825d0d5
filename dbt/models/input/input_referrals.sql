{{ config(unique_key=['source_system', 'referral_id']) }}
{{ newest_versions(
    [ref('stg_generic__referrals')],
    key=['source_system', 'referral_id'],
    columns=[
        'source_system', 'referral_id', 'contact_id', 'email', 'phone', 'external_id',
        'referee_email', 'referee_contact_id', 'converted_order_id', 'referred_at', 'deleted_at',
    ],
    names_person=true,
    replaced=['person_key'],
) }}
