-- One row per source system and entity whose records have a time: the rhythm of its days with
-- records, and whether it has stopped. The usual gap is the one that 95 of 100 gaps do not exceed:
-- weekends and holidays are usual, one long gap is not. A feed that arrived on few days, such as a
-- list that is delivered once, has no rhythm.
{% set times = {
    'contacts': 'created_at', 'interactions': 'occurred_at', 'support_tickets': 'opened_at',
    'orders': 'ordered_at', 'payments': 'paid_at', 'refunds': 'refunded_at',
    'checkouts': 'started_at', 'reviews': 'reviewed_at', 'survey_responses': 'responded_at',
    'referrals': 'referred_at', 'loyalty_entries': 'occurred_at',
} %}
with days as (
    {%- for entity, time in times.items() %}
    select distinct source_system, '{{ entity }}' as entity, {{ date_of(time) }} as day
    from {{ ref('input_' ~ entity) }}
    where {{ time }} < {{ as_of() }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

gaps as (
    select
        source_system,
        entity,
        day,
        {{ days_between('lag(day) over (partition by source_system, entity order by day)', 'day') }}
            as gap_days
    from days
),

ranked as (
    select
        source_system,
        entity,
        gap_days,
        row_number() over (partition by source_system, entity order by gap_days, day) as gap_number,
        count(*) over (partition by source_system, entity) as gap_count
    from gaps
    where gap_days is not null
),

usual_gaps as (
    select source_system, entity, min(gap_days) as usual_gap_days
    from ranked
    where 100 * gap_number >= 95 * gap_count
    group by source_system, entity
),

feeds as (
    select
        source_system,
        entity,
        count(*) as day_count,
        max(day) as last_day,
        {{ days_between('max(day)', as_of_date()) }} as age_days
    from days
    group by source_system, entity
)

select
    feeds.source_system,
    feeds.entity,
    cast(feeds.day_count as integer) as day_count,
    feeds.last_day,
    cast(feeds.age_days as integer) as age_days,
    cast(usual_gaps.usual_gap_days as integer) as usual_gap_days,
    feeds.day_count >= thresholds.feed_minimum_days
    and feeds.age_days > greatest(
        thresholds.feed_floor_days, thresholds.feed_gap_multiple * usual_gaps.usual_gap_days
    ) as has_stopped,
    feeds.age_days > thresholds.feed_silent_days
    and row_number() over (
        partition by feeds.source_system order by feeds.last_day desc, feeds.entity asc
    ) = 1 as is_newest_of_silent_system
from feeds
cross join {{ ref('int_thresholds') }} as thresholds
left join usual_gaps
    on feeds.source_system = usual_gaps.source_system
    and feeds.entity = usual_gaps.entity
