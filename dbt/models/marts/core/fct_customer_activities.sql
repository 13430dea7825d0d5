-- Grain: activity of an identified customer. A view, because int_customer_activities stores the
-- rows.
{{ config(materialized='view', meta=changes_of(['customer_id'], 'int_affected_customers')) }}
select
    activity_key,
    customer_id,
    source_system,
    activity,
    subject_id,
    channel,
    campaign,
    amount,
    is_touch,
    is_inquiry,
    is_advocacy_signal,
    occurred_at
from {{ ref('int_customer_activities') }}
