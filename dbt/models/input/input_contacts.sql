{{ config(unique_key=['source_system', 'contact_id']) }}
{{ newest_versions(
    [ref('stg_generic__contacts'), ref('stg_complete_journey__contacts')],
    key=['source_system', 'contact_id'],
    columns=[
        'source_system', 'contact_id', 'email', 'phone', 'external_id', 'first_name',
        'last_name', 'company', 'job_title', 'birth_date', 'gender', 'city', 'region',
        'country_code', 'acquisition_channel', 'campaign', 'referred_by',
        'lifecycle_status', 'exit_reason', 'exited_at', 'marketing_consent', 'email_consent',
        'sms_consent', 'phone_consent', 'consented_at', 'consent_source', 'merged_into', 'created_at',
        'updated_at', 'deleted_at',
    ],
    names_person=true,
    replaced=['person_key'],
) }}
