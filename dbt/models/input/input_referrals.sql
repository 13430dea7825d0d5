with delivered as (
    {{ union_of(
        [ref('stg_generic__referrals')],
        columns=[
            'source_system', 'referral_id', 'contact_id', 'email', 'phone', 'external_id',
            'referee_email', 'referee_contact_id', 'converted_order_id', 'referred_at',
        ],
    ) }}
)

select
    delivered.*,
    {{ person_key() }} as person_key
from delivered
