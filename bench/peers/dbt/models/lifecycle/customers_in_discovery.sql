select
    beginnings.* exclude (stage, stage_since),
    first_touch_channel, activity_count::integer as activity_count, page_view_count::integer as
    page_view_count, content_view_count::integer as content_view_count, last_active_at,
    stage_since
from {{ ref('int_beginnings') }} as beginnings
inner join {{ ref('int_indicators') }} as indicators using (customer_id)
where stage = 'discovery'
