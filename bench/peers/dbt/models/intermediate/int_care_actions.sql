select care_actions.*, responses.activity as response
from {{ ref('stg_care_actions') }} as care_actions
left join {{ ref('stg_care_responses') }} as responses
    on care_actions.care_action = responses.care_action and responses.activity in ('email_sent', 'offer_sent')
where lifecycle in ('relationship', 'journey')
