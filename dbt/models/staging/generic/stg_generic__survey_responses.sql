with source as (
    {{ latest_deliveries(
        'survey_responses',
        columns=[
            'response_id', 'contact_id', 'email', 'phone', 'external_id', 'order_id', 'kind',
            'comment', 'score', 'responded_at',
        ],
        key=['response_id'],
    ) }}
),

renamed as (
    select
        source_system,
        response_id,
        contact_id,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone') }} as phone,
        external_id,
        order_id,
        lower(kind) as kind,
        comment,
        {{ quantity('score') }} as score,
        {{ utc_time('responded_at') }} as responded_at
    from source
)

select * from renamed
