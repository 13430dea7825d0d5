-- Stage intervals: what each instant adds to a customer's state, the running sums, and the first
-- predicate that holds. `cause` is the rank in activities.csv of what happened: the least explains
-- most.
create temp table changes as
select
    customer_id,
    ordered_at as changed_at,
    1 as cause,
    1 as placed,
    0 as delivered,
    (
        status not in ('cancelled', 'failed')
        and (delivered_at is null or delivered_at > ordered_at)
    )::integer as open,
    0 as counted,
    0 as in_window,
    0 as lapsed,
    0 as inquiries,
    0 as signals,
    0 as negative
from orders
union all
select
    customer_id, delivered_at, 2, 0, 1, if(delivered_at > ordered_at, -1, 0), 0, 0, 0, 0, 0, 0
from orders
where delivered_at is not null
union all
select
    customer_id, ordered_at, 1, 0, 0, 0, 1, 1,
    if(
        lag(lapse_ends_at) over (partition by customer_id order by order_number) < ordered_at,
        -1, 0
    ),
    0, 0, 0
from counted_orders
union all
select customer_id, leaves_loyalty_window_at, 35, 0, 0, 0, 0, -1, 0, 0, 0, 0
from counted_orders
where leaves_loyalty_window_at < getvariable('as_of')
union all
select customer_id, lapse_ends_at, 34, 0, 0, 0, 0, 0, 1, 0, 0, 0
from counted_orders
where
    lapse_ends_at < getvariable('as_of')
    and (next_ordered_at is null or next_ordered_at > lapse_ends_at)
union all
select
    customer_id, occurred_at, rank, 0, 0, 0, 0, 0, 0, is_inquiry::integer,
    is_advocacy_signal::integer, 0
from core.fct_customer_activities
inner join activities using (activity)
where is_inquiry or is_advocacy_signal
union all
select
    customer_id, reviewed_at, 5, 0, 0, 0, 0, 0, 0, 0, 0,
    negative - lag(negative, 1, 0) over (partition by customer_id order by reviewed_at)
from (
    select
        customer_id,
        reviewed_at,
        max((rating <= getvariable('negative_rating'))::integer) as negative
    from core.fct_reviews
    group by customer_id, reviewed_at
)
union all
select
    customer_id, make_timestamp(first_touch // 64), if(first_touch % 64 = 0, 17, first_touch % 64),
    0, 0, 0, 0, 0, 0, 0, 0, 0
from (
    -- The first instant and what happened then, in one number; a contact explains a first touch
    -- best.
    select customer_id, min(epoch_us(occurred_at) * 64 + if(rank = 17, 0, rank)) as first_touch
    from core.fct_customer_activities
    inner join activities using (activity)
    where is_touch
    group by customer_id
);

create temp table states as
with instants as (
    select
        customer_id,
        changed_at,
        min(cause) as cause,
        bit_or(1::bigint << cause) as causes,
        sum(placed)::integer as placed,
        sum(delivered)::integer as delivered,
        sum(open)::integer as open,
        sum(counted)::integer as counted,
        sum(in_window)::integer as in_window,
        sum(lapsed)::integer as lapsed,
        sum(inquiries)::integer as inquiries,
        sum(signals)::integer as signals,
        sum(negative)::integer as negative
    from changes
    group by customer_id, changed_at
)

select
    customer_id,
    changed_at,
    cause,
    causes,
    sum(placed) over past as placed,
    sum(delivered) over past as delivered,
    sum(open) over past as open,
    sum(counted) over past as counted,
    sum(in_window) over past as in_window,
    sum(lapsed) over past as lapsed,
    sum(inquiries) over past as inquiries,
    sum(signals) over past as signals,
    sum(negative) over past as negative
from instants
window past as (partition by customer_id order by changed_at rows unbounded preceding);
drop table changes;

create temp table intervals as
with staged as (
    select
        *,
        case
            when counted = 0 then 'prospect'
            when lapsed > 0 then 'lost'
            when in_window >= getvariable('loyal_order_count') then 'loyal'
            when counted >= 2 then 'repeat_purchase'
            else 'first_purchase'
        end as relationship,
        case
            when counted > 0 and signals > 0 and negative <= 0 then 'advocacy'
            when open > 0 or (placed > 0 and delivered = 0) then 'purchase'
            when delivered > 0 then 'post_purchase_engagement'
            when inquiries > 0 then 'education'
            else 'discovery'
        end as journey
    from states
),

changed as (
    select
        customer_id,
        changed_at,
        cause,
        causes,
        relationship,
        journey,
        lag(relationship) over by_time as previous_relationship,
        lag(journey) over by_time as previous_journey
    from staged
    window by_time as (partition by customer_id order by changed_at)
    qualify
        previous_relationship is distinct from relationship
        or previous_journey is distinct from journey
),

entries as (
    select
        customer_id,
        'relationship' as lifecycle,
        relationship as stage,
        previous_relationship as previous_stage,
        changed_at,
        case
            when stage = 'lost' then 34
            when stage = 'prospect' and causes & (1 << 17) > 0 then 17
            else cause
        end as cause
    from changed
    where previous_relationship is distinct from relationship
    union all
    select
        customer_id,
        'journey',
        journey as stage,
        previous_journey,
        changed_at,
        case
            when stage = 'advocacy' and causes & (1 << 5) > 0 then 5
            when stage = 'advocacy' and causes & (1 << 8) > 0 then 8
            when stage = 'post_purchase_engagement' and causes & (1 << 2) > 0 then 2
            else cause
        end
    from changed
    where previous_journey is distinct from journey
),

numbered as (
    select
        *,
        lead(stage) over by_time as next_stage,
        lead(changed_at) over by_time as valid_to,
        lag(changed_at) over by_time as previous_from,
        row_number() over by_time as transition_number,
        row_number() over (
            partition by customer_id, lifecycle, stage order by changed_at
        ) as entry_number
    from entries
    window by_time as (partition by customer_id, lifecycle order by changed_at)
)

select
    customer_id,
    lifecycle,
    stage,
    previous_stage,
    next_stage,
    activity as entered_by,
    entry_number::integer as entry_number,
    (
        (
            floor(epoch(coalesce(valid_to, getvariable('as_of'))))::bigint
            - floor(epoch(changed_at))::bigint
        ) // 86400
    )::integer as duration_days,
    valid_to is null as is_current,
    changed_at as valid_from,
    valid_to,
    transition_number::integer as transition_number,
    ((floor(epoch(changed_at))::bigint - floor(epoch(previous_from))::bigint) // 86400)::integer
        as days_in_from_stage
from numbered
inner join activities on cause = activities.rank;

create table lifecycle.fct_customer_stage_intervals as
select * exclude (transition_number, days_in_from_stage) from intervals;

-- The record behind each entry; for the end of a window, the order that opened it.
create temp table evidence as
with records as (
    select customer_id, activity, occurred_at, activity_key from core.fct_customer_activities
    union all
    select
        customer_id, 'lapse_window_ended', lapse_ends_at,
        md5(getvariable('system') || '|order_placed|' || order_id)
    from counted_orders
    where next_ordered_at is null or next_ordered_at > lapse_ends_at
    union all
    select
        customer_id, 'loyalty_window_ended', leaves_loyalty_window_at,
        md5(getvariable('system') || '|order_placed|' || order_id)
    from counted_orders
)

select
    intervals.customer_id, lifecycle, valid_from, min(activity_key) as evidence_activity_key
from records
inner join intervals
    on
        records.customer_id = intervals.customer_id
        and records.activity = intervals.entered_by
        and records.occurred_at = intervals.valid_from
group by intervals.customer_id, lifecycle, valid_from;

create table lifecycle.fct_customer_stage_transitions as
select
    intervals.customer_id,
    intervals.lifecycle,
    previous_stage as from_stage,
    intervals.stage as to_stage,
    case
        when previous_stage is null then 'entered'
        when stages.is_loss then 'lost'
        when previous.is_loss then 'won_back'
        when stages.stage_rank < previous.stage_rank then 'regressed'
        when stages.stage_rank > previous.stage_rank + 1 then 'skipped'
        else 'forward'
    end as direction,
    entered_by,
    evidence_activity_key,
    transition_number,
    if(
        direction in ('entered', 'skipped'),
        stages.stage_rank - coalesce(previous.stage_rank, 0) - 1,
        0
    )::integer as skipped_stage_count,
    days_in_from_stage,
    intervals.valid_from as transitioned_at
from intervals
inner join stages
    on intervals.lifecycle = stages.lifecycle and intervals.stage = stages.stage
left join stages as previous
    on intervals.lifecycle = previous.lifecycle and intervals.previous_stage = previous.stage
left join evidence
    on
        intervals.customer_id = evidence.customer_id
        and intervals.lifecycle = evidence.lifecycle
        and intervals.valid_from = evidence.valid_from;
drop table intervals;

create table lifecycle.fct_lifecycle_stages_daily as
with moves as (
    select lifecycle, stage, cast(valid_from as date) as day, 1 as entered, 0 as exited
    from lifecycle.fct_customer_stage_intervals
    union all
    select lifecycle, stage, cast(valid_to as date), 0, 1
    from lifecycle.fct_customer_stage_intervals
    where valid_to is not null
),

daily as (
    select lifecycle, stage, day, sum(entered) as entered, sum(exited) as exited
    from moves
    group by lifecycle, stage, day
)

select
    stages.lifecycle,
    stages.stage,
    dates.date_day as date,
    cast(sum(coalesce(entered - exited, 0)) over (
        partition by stages.lifecycle, stages.stage order by dates.date_day
    ) as integer) as customer_count,
    cast(coalesce(entered, 0) as integer) as entered_count,
    cast(coalesce(exited, 0) as integer) as exited_count
from core.dim_lifecycle_stages as stages
cross join core.dim_dates as dates
left join daily
    on
        stages.lifecycle = daily.lifecycle
        and stages.stage = daily.stage
        and dates.date_day = daily.day;
