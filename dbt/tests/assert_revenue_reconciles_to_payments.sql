-- In a month of which payments are known, what was received is what orders came to, within a share.
-- A warning: the revenue is as delivered, and somebody should look at what the difference is.
{{ config(
    meta={'dagster': {'ref': {'name': 'rpt_revenue_reconciliation'}}, 'shows': ['month', 'due_amount', 'received_amount']},
    severity='warn',
) }}
select
    months.month,
    months.due_amount,
    months.received_amount,
    months.difference_amount
from {{ ref('rpt_revenue_reconciliation') }} as months
cross join {{ ref('int_thresholds') }} as thresholds
where abs(months.difference_amount) > thresholds.payment_difference_share * months.due_amount
