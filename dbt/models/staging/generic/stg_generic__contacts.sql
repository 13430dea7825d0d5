with source as (
    {{ deliveries(
        'contacts',
        columns=[
            'contact_id', 'email', 'phone', 'external_id', 'first_name', 'last_name', 'company',
            'job_title', 'birth_date', 'gender', 'city', 'region', 'country_code',
            'acquisition_channel', 'campaign', 'referred_by', 'lifecycle_status', 'exit_reason',
            'marketing_consent', 'email_consent', 'sms_consent', 'phone_consent', 'consent_source',
            'merged_into',
        ],
        times=['exited_at', 'consented_at', 'created_at', 'updated_at', 'deleted_at'],
    ) }}
),

renamed as (
    select
        source_system,
        contact_id,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone') }} as phone,
        external_id,
        first_name,
        last_name,
        company,
        job_title,
        {{ delivered_date('birth_date') }} as birth_date,
        {{ lowered('gender') }} as gender,
        city,
        region,
        upper({{ served_text('country_code') }}) as country_code,
        {{ served_text(lowered('acquisition_channel')) }} as acquisition_channel,
        {{ served_text('campaign') }} as campaign,
        referred_by,
        {{ lowered('lifecycle_status') }} as lifecycle_status,
        {{ lowered('exit_reason') }} as exit_reason,
        {{ utc_time('exited_at') }} as exited_at,
        coalesce({{ boolean('marketing_consent') }}, false) as marketing_consent,
        {{ boolean('email_consent') }} as email_consent,
        {{ boolean('sms_consent') }} as sms_consent,
        {{ boolean('phone_consent') }} as phone_consent,
        {{ utc_time('consented_at') }} as consented_at,
        consent_source,
        merged_into,
        {{ utc_time('created_at') }} as created_at,
        {{ utc_time('updated_at') }} as updated_at,
        {{ deletion_time() }} as deleted_at,
        {{ utc_time('updated_at') }} as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
