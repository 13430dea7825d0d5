with source as (
    {{ deliveries(
        'support_tickets',
        columns=[
            'ticket_id', 'contact_id', 'email', 'phone', 'external_id', 'order_id', 'topic',
            'satisfaction', 'satisfaction_scale',
        ],
        times=['opened_at', 'first_response_at', 'resolved_at', 'updated_at', 'deleted_at'],
    ) }}
),

renamed as (
    select
        source_system,
        ticket_id,
        contact_id,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone') }} as phone,
        external_id,
        order_id,
        {{ lowered('topic') }} as topic,
        {{ stars('satisfaction', 'satisfaction_scale') }} as satisfaction,
        {{ utc_time('opened_at') }} as opened_at,
        {{ utc_time('first_response_at') }} as first_response_at,
        {{ utc_time('resolved_at') }} as resolved_at,
        {{ deletion_time() }} as deleted_at,
        {{ utc_time('updated_at') }} as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
