with stages as (
    select customer_id, 'relationship' as lifecycle, moment, why,
        case when counted = 0 then 'prospect' when lapsed > 0 then 'lost' when windowed >= 4 then 'loyal'
            when counted >= 2 then 'repeat_purchase' else 'first_purchase' end as stage
    from {{ ref('int_states') }} as states
    union all
    select customer_id, 'journey', moment, why,
        case when counted > 0 and signals > 0 and bad <= 0 then 'advocacy'
            when open > 0 or (placed > 0 and delivered = 0) then 'purchase'
            when delivered > 0 then 'post_purchase_engagement'
            when inquiries > 0 then 'education' else 'discovery' end
    from {{ ref('int_states') }} as states
),
entries as (
    select *, lag(stage) over (partition by customer_id, lifecycle order by moment) as previous_stage
    from stages
    qualify previous_stage is distinct from stage
)
select
    * exclude (moment, why), valid_to is null as is_current, moment as valid_from, why as entered_by,
    floor((epoch(coalesce(valid_to, timestamp '{{ var("as_of") }}')) - epoch(moment)) / 86400)::integer as duration_days
from (
    select
        *,
        lead(stage) over (partition by customer_id, lifecycle order by moment) as next_stage,
        lead(moment) over (partition by customer_id, lifecycle order by moment) as valid_to,
        (row_number() over (partition by customer_id, lifecycle, stage order by moment))::integer as entry_number
    from entries
)
