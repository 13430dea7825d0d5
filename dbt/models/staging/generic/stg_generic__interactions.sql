with source as (
    {{ deliveries(
        'interactions',
        columns=[
            'interaction_id', 'contact_id', 'email', 'phone', 'external_id', 'content_id', 'kind',
            'direction', 'channel', 'campaign', 'outcome', 'sentiment',
        ],
        times=['occurred_at'],
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
        content_id,
        {{ lowered('kind') }} as kind,
        {{ lowered('direction') }} as direction,
        {{ lowered('channel') }} as channel,
        campaign,
        {{ lowered('outcome') }} as outcome,
        {{ quantity('sentiment') }} as sentiment,
        {{ utc_time('occurred_at') }} as occurred_at,
        cast(null as timestamp) as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
