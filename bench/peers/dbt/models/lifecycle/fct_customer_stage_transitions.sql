select
    stays.customer_id, stays.lifecycle, previous_stage as from_stage, stays.stage as to_stage,
    case
        when previous_stage is null then 'entered'
        when stages.is_loss then 'lost'
        when previous.is_loss then 'won_back'
        when stages.stage_rank < previous.stage_rank then 'regressed'
        when stages.stage_rank > previous.stage_rank + 1 then 'skipped'
        else 'forward'
    end as direction,
    entered_by, evidence_activity_key, transition_number,
    case when direction in ('entered', 'skipped') then stages.stage_rank - coalesce(previous.stage_rank, 0) - 1 else 0 end
        ::integer as skipped_stage_count,
    days_in_from_stage, stays.valid_from as transitioned_at
from {{ ref('int_stays') }} as stays
inner join {{ ref('int_stages') }} as stages on stays.lifecycle = stages.lifecycle and stays.stage = stages.stage
left join {{ ref('int_stages') }} as previous on stays.lifecycle = previous.lifecycle and stays.previous_stage = previous.stage
left join {{ ref('int_evidence') }} as evidence
    on stays.customer_id = evidence.customer_id and stays.lifecycle = evidence.lifecycle
    and stays.valid_from = evidence.valid_from
