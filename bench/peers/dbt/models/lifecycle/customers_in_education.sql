select
    beginnings.* exclude (stage, stage_since),
    inquiry_count::integer as inquiry_count, knowledge_base_view_count::integer as knowledge_base_view_count,
    nothing as demo_or_trial_count, nothing as ticket_count, nothing as open_ticket_count,
    content_view_count::integer as content_view_count, last_active_at,
    stage_since
from {{ ref('int_beginnings') }} as beginnings
inner join {{ ref('int_indicators') }} as indicators using (customer_id)
where stage = 'education'
