select activity, activity_rank::integer as rank
from {{ ref('stg_activities') }}
