select
    customer_id, persona, country_code, acquisition_channel, entered_by, previous_stage, entry_number,
    care_action as next_care_action, care_due_date, is_marketable, relationship_strength,
    duration_days as days_in_stage, stage, valid_from as stage_since
from {{ ref('int_current_stages') }} as current_stages
inner join {{ ref('dim_customers') }} as dim_customers using (customer_id)
