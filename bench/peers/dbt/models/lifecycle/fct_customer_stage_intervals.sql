select * exclude (transition_number, days_in_from_stage) from {{ ref('int_stays') }} as stays
