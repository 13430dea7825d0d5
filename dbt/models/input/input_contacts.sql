with delivered as (
    {{ union_of(
        [ref('stg_generic__contacts'), ref('stg_complete_journey__contacts')],
        columns=[
            'source_system', 'contact_id', 'email', 'phone', 'external_id', 'first_name',
            'last_name', 'company', 'job_title', 'birth_date', 'gender', 'city', 'region',
            'country_code', 'acquisition_channel', 'campaign', 'referred_by',
            'lifecycle_status', 'exit_reason', 'exited_at', 'marketing_consent', 'created_at',
            'updated_at', 'deleted_at',
        ],
    ) }}
)

select
    delivered.*,
    {{ person_key() }} as person_key
from delivered
