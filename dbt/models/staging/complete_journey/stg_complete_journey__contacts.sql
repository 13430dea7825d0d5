-- One row per household that bought. The source has no date of first contact, so a household is
-- created with its first purchase. A household that only received offers is known from those
-- interactions.
with source as (
    select
        household_id,
        transaction_timestamp as known_at,
        _load_number
    from {{ source('raw_complete_journey', 'transactions') }}
    where {{ is_known('complete_journey') }}
),

households as (
    select
        household_id,
        min(known_at) as known_at,
        max(_load_number) as _load_number,
        cast(0 as bigint) as _source_row
    from source
    group by household_id
),

renamed as (
    select
        'complete_journey' as source_system,
        {{ text('household_id') }} as contact_id,
        cast(null as {{ dbt.type_string() }}) as email,
        cast(null as {{ dbt.type_string() }}) as phone,
        cast(null as {{ dbt.type_string() }}) as external_id,
        cast(null as {{ dbt.type_string() }}) as first_name,
        cast(null as {{ dbt.type_string() }}) as last_name,
        cast(null as {{ dbt.type_string() }}) as company,
        cast(null as {{ dbt.type_string() }}) as job_title,
        cast(null as date) as birth_date,
        cast(null as {{ dbt.type_string() }}) as gender,
        cast(null as {{ dbt.type_string() }}) as city,
        cast(null as {{ dbt.type_string() }}) as region,
        'US' as country_code,
        'offline' as acquisition_channel,
        cast(null as {{ dbt.type_string() }}) as campaign,
        cast(null as {{ dbt.type_string() }}) as referred_by,
        cast(null as {{ dbt.type_string() }}) as lifecycle_status,
        cast(null as {{ dbt.type_string() }}) as exit_reason,
        cast(null as timestamp) as exited_at,
        false as marketing_consent,
        {{ utc_time('known_at') }} as created_at,
        cast(null as boolean) as email_consent,
        cast(null as boolean) as sms_consent,
        cast(null as boolean) as phone_consent,
        cast(null as timestamp) as consented_at,
        cast(null as {{ dbt.type_string() }}) as consent_source,
        cast(null as {{ dbt.type_string() }}) as merged_into,
        cast(null as timestamp) as updated_at,
        cast(null as timestamp) as deleted_at,
        cast(null as timestamp) as _version_at,
        _load_number,
        _source_row
    from households
)

select * from renamed
