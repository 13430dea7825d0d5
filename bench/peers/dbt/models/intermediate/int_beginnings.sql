select
    customer_id, persona, country_code, acquisition_channel, entered_by, evidence_activity_key, previous_stage,
    entry_number, current_stages.next_care_action, care_due_date, is_marketable, relationship_strength,
    duration_days as days_in_stage, stage, valid_from as stage_since
from {{ ref('int_current_stages') }} as current_stages
inner join {{ ref('dim_customers') }} as dim_customers using (customer_id)
