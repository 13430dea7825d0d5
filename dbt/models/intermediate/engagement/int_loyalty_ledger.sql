-- One row per entry of the loyalty programme before as_of, also unidentified ones: the points
-- moved, the member's balance and tier before and after, and until when they lasted.
with entries as (
    select
        entries.source_system,
        entries.entry_id,
        customers.customer_id,
        -- An unidentified entry is a member of its own, so that its points are in the totals.
        coalesce(
            {{ key_digits('customers.customer_id') }},
            {{ dbt.concat(['entries.source_system', "'|'", 'entries.entry_id']) }}
        ) as member,
        entries.kind,
        coalesce(entries.tier, 'untiered') as tier,
        case
            when entries.kind in ('redeem', 'expire') then -abs(entries.points)
            else entries.points
        end as points,
        entries.occurred_at
    from {{ ref('input_loyalty_entries') }} as entries
    left join {{ ref('int_person_keys_resolved') }} as customers
        on entries.person_key = customers.person_key
    where
        entries.occurred_at < {{ as_of() }}
        and entries.deleted_at is null
),

balanced as (
    select
        *,
        sum(points) over (
            partition by member order by occurred_at, source_system, entry_id
            rows between unbounded preceding and current row
        ) as balance,
        lag(tier) over (
            partition by member order by occurred_at, source_system, entry_id
        ) as previous_tier,
        lead(occurred_at) over (
            partition by member order by occurred_at, source_system, entry_id
        ) as valid_to
    from entries
)

select
    source_system,
    entry_id,
    customer_id,
    kind,
    tier,
    previous_tier,
    {{ quantity('points') }} as points,
    {{ quantity('balance') }} as balance,
    {{ quantity('balance - points') }} as previous_balance,
    occurred_at,
    valid_to
from balanced
