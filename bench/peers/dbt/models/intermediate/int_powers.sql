with recursive multiplied as (
    select
        origin_month, lifecycle, 0 as months_ahead, from_stage, to_stage, (from_stage = to_stage)::integer::double
            as probability
    from {{ ref('int_chain') }} as chain
    where from_stage is not null
    union all
    select
        chain.origin_month, chain.lifecycle, months_ahead + 1, multiplied.from_stage, chain.to_stage,
        sum(multiplied.probability * chain.probability)
    from multiplied
    inner join {{ ref('int_chain') }} as chain
        on multiplied.origin_month = chain.origin_month and multiplied.lifecycle = chain.lifecycle
        and multiplied.to_stage = chain.from_stage
    where months_ahead < 12
    group by chain.origin_month, chain.lifecycle, months_ahead, multiplied.from_stage, chain.to_stage
)
select
    *, coalesce(sum(probability) over (
        partition by origin_month, lifecycle, from_stage, to_stage order by months_ahead
        rows between unbounded preceding and 1 preceding
    ), 0) as earlier_sum
from multiplied
