-- In the transition matrix, the probabilities out of each stage and month sum to 1, and every move
-- of the history is counted.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_stage_transition_matrix'}}}) }}
with matrix as (
    select
        lifecycle,
        month,
        from_stage,
        sum(probability) as probability,
        sum(move_count) as move_count
    from {{ ref('rpt_stage_transition_matrix') }}
    group by lifecycle, month, from_stage
),

moves as (
    select
        lifecycle,
        {{ month_of('valid_to') }} as month,
        stage as from_stage,
        count(*) as move_count
    from {{ ref('fct_customer_stage_intervals') }}
    where not is_current
    group by lifecycle, {{ month_of('valid_to') }}, stage
)

select
    coalesce(matrix.lifecycle, moves.lifecycle) as lifecycle,
    coalesce(matrix.month, moves.month) as month,
    coalesce(matrix.from_stage, moves.from_stage) as from_stage,
    case
        when abs(matrix.probability - 1) > 1e-9 then 'probabilities do not sum to 1'
        else 'moves differ from the intervals'
    end as violation
from matrix
full outer join moves
    on matrix.lifecycle = moves.lifecycle
    and matrix.month = moves.month
    and matrix.from_stage = moves.from_stage
where
    abs(matrix.probability - 1) > 1e-9
    or matrix.move_count is distinct from moves.move_count
