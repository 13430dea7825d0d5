with source as (
    {{ deliveries(
        'interactions',
        columns=[
            'interaction_id', 'contact_id', 'email', 'phone', 'external_id', 'content_id', 'kind',
            'direction', 'channel', 'campaign', 'outcome', 'sentiment',
        ],
        times=['occurred_at', 'updated_at', 'deleted_at'],
    ) }}
),

renamed as (
    select
        source_system,
        interaction_id,
        contact_id,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone') }} as phone,
        external_id,
        case when content_id like '%_@_%' then 'masked' else content_id end as content_id,
        {{ word_code('kind', 'interaction_kinds') }} as kind,
        {{ word_code('direction', 'directions') }} as direction,
        {{ served_text(lowered('channel')) }} as channel,
        {{ served_text('campaign') }} as campaign,
        {{ lowered('outcome') }} as outcome,
        {{ quantity('sentiment') }} as sentiment,
        {{ utc_time('occurred_at') }} as occurred_at,
        {{ deletion_time() }} as deleted_at,
        {{ utc_time('updated_at') }} as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
