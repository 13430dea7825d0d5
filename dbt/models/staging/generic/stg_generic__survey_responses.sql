with source as (
    {{ deliveries(
        'survey_responses',
        columns=[
            'response_id', 'contact_id', 'email', 'phone', 'external_id', 'order_id', 'kind',
            'comment', 'score',
        ],
        times=['responded_at', 'updated_at', 'deleted_at'],
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
        {{ word_code('kind', 'survey_kinds') }} as kind,
        comment,
        {{ quantity('score') }} as score,
        {{ utc_time('responded_at') }} as responded_at,
        {{ deletion_time() }} as deleted_at,
        {{ utc_time('updated_at') }} as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
