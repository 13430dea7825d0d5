-- Grain: lifecycle, month, from stage, to stage. probability is the share of that month's moves out of
-- from_stage that led to to_stage; it sums to 1 per lifecycle, month and from_stage.
with moves as (
    select
        lifecycle,
        {{ month_of('transitioned_at') }} as month,
        from_stage,
        to_stage,
        customer_id
    from {{ ref('fct_customer_stage_transitions') }}
    where from_stage is not null
),

-- Counted in two steps: distinct customers of every group at once would have to fit in memory.
moves_of_customers as (
    select
        lifecycle,
        month,
        from_stage,
        to_stage,
        customer_id,
        count(*) as move_count
    from moves
    group by lifecycle, month, from_stage, to_stage, customer_id
),

counted as (
    select
        lifecycle,
        month,
        from_stage,
        to_stage,
        sum(move_count) as move_count,
        count(*) as customer_count
    from moves_of_customers
    group by lifecycle, month, from_stage, to_stage
)

select
    lifecycle,
    from_stage,
    to_stage,
    cast(move_count as integer) as move_count,
    cast(customer_count as integer) as customer_count,
    cast(move_count as double)
    / sum(move_count) over (partition by lifecycle, month, from_stage) as probability,
    month
from counted
