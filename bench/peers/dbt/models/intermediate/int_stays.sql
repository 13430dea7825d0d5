with staged as (
    select
        customer_id, moment, why, has_review, has_post, has_contact,
        case when counted = 0 then 'prospect' when lapsed > 0 then 'lost' when windowed >= 4 then 'loyal'
            when counted >= 2 then 'repeat_purchase' else 'first_purchase' end as relationship,
        case when counted > 0 and signals > 0 and bad <= 0 then 'advocacy'
            when open > 0 or (placed > 0 and delivered = 0) then 'purchase'
            when delivered > 0 then 'post_purchase_engagement'
            when inquiries > 0 then 'education' else 'discovery' end as journey
    from {{ ref('int_states') }} as states
),
changed as (
    select
        *, lag(relationship) over life as previous_relationship, lag(journey) over life as previous_journey
    from staged
    window life as (partition by customer_id order by moment)
    qualify previous_relationship is distinct from relationship or previous_journey is distinct from journey
),
entries as (
    select
        customer_id, 'relationship' as lifecycle, relationship as stage, previous_relationship as previous_stage, moment,
        case when stage = 'lost' then 34 when stage = 'prospect' and has_contact then 17 else why end as why
    from changed
    where previous_relationship is distinct from relationship
    union all
    select
        customer_id, 'journey', journey as stage, previous_journey, moment,
        case when stage = 'advocacy' and has_review then 5 when stage = 'advocacy' and has_post then 8 else why end
    from changed
    where previous_journey is distinct from journey
)
select
    customer_id, lifecycle, stage, previous_stage, next_stage, activity as entered_by, entry_number,
    floor((epoch(coalesce(valid_to, timestamp '{{ var("as_of") }}')) - epoch(moment)) / 86400)::integer as duration_days,
    valid_to is null as is_current, moment as valid_from, valid_to, transition_number::integer as transition_number,
    floor((epoch(moment) - epoch(previous_moment)) / 86400)::integer as days_in_from_stage
from (
    select
        *,
        lead(stage) over life as next_stage,
        lead(moment) over life as valid_to,
        lag(moment) over life as previous_moment,
        row_number() over life as transition_number,
        (row_number() over (partition by customer_id, lifecycle, stage order by moment))::integer as entry_number
    from entries
    window life as (partition by customer_id, lifecycle order by moment)
)
inner join {{ ref('int_activities') }} as activities on why = activities.rank
