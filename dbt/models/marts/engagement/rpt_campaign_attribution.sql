-- Grain: month of the order, attribution model, channel, campaign. Summed over campaigns it is
-- rpt_channel_attribution. The query is in dbt/macros/attribution.sql.
{{ attribution(['channel', 'campaign']) }}
