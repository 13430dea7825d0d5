"""The public contract: the served tables that other people's files and dashboards rely on, with their fixed
columns. A name may be added here, never removed."""

STAGES = {
    "relationship": ("prospect", "first_purchase", "repeat_purchase", "loyal", "lost"),
    "journey": ("discovery", "education", "purchase", "post_purchase_engagement", "advocacy"),
}
CONTRACT = {
    "core.dim_customers": "customer_id first_seen_at acquisition_channel persona country_code"
    " relationship_stage relationship_stage_since journey_stage journey_stage_since"
    " counted_order_count first_order_at last_order_at lifetime_gross_revenue"
    " lifetime_refund_amount lifetime_net_revenue currency_code relationship_strength is_marketable",
    "core.fct_orders": "order_id source_system customer_id ordered_at status is_counted"
    " customer_order_number items_amount discount_amount refund_amount net_amount shipping_amount"
    " tax_amount currency_code original_currency_code",
    "core.fct_reviews": "review_id source_system customer_id order_id product_id reviewed_at rating"
    " platform is_public",
    "core.fct_customer_activities": "activity_key customer_id occurred_at activity source_system"
    " subject_id amount",
    "lifecycle.fct_customer_stage_intervals": "customer_id lifecycle stage valid_from valid_to"
    " is_current entry_number previous_stage next_stage entered_by duration_days",
    **{
        f"lifecycle.customers_in_{stage}": "customer_id stage_since days_in_stage next_care_action"
        for stages in STAGES.values()
        for stage in stages
    },
    "lifecycle.fct_lifecycle_stages_daily": "lifecycle stage date customer_count entered_count"
    " exited_count",
    "lifecycle.rpt_stage_transition_matrix": "lifecycle month from_stage to_stage customer_count"
    " probability at_risk_count monthly_rate",
    "lifecycle.fct_customer_stage_transitions": "customer_id lifecycle from_stage to_stage direction"
    " transitioned_at entered_by evidence_activity_key skipped_stage_count days_in_from_stage",
    "lifecycle.rpt_lifecycle_funnel": "lifecycle cohort_month stage cohort_size entered_count"
    " converted_count skipped_count regressed_count median_days_in_stage median_days_to_reach",
    "lifecycle.rpt_stage_kpis": "lifecycle stage month indicator value",
    "lifecycle.rpt_stage_forecast": "lifecycle stage month expected_customer_count"
    " expected_customer_count_low expected_customer_count_high method reason_code",
    "lifecycle.rpt_stage_forecast_backtest": "lifecycle stage origin_month month"
    " expected_customer_count actual_customer_count forecast_error is_within_interval method",
    "lifecycle.fct_customer_cohorts_monthly": "cohort_month months_since_first_order cohort_size"
    " active_customers retention_rate net_revenue cumulative_net_revenue",
    "value.fct_customer_lifetime_value": "customer_id as_of frequency recency age monetary_value"
    " lifetime_net_revenue lifetime_margin probability_alive expected_orders_12m"
    " predicted_revenue_12m predicted_revenue_12m_low predicted_revenue_12m_high"
    " expected_next_order_date model_id reason_code",
    "value.fct_customer_value_monthly": "customer_id month order_count gross_revenue discount_amount"
    " refund_amount net_revenue cumulative_net_revenue",
    "value.rpt_revenue_forecast": "part month months_ahead expected_revenue revenue_low revenue_high"
    " cumulative_expected_revenue cumulative_low cumulative_high method reason_code currency_code",
    "value.rpt_revenue_forecast_backtest": "part origin_month month expected_revenue actual_revenue"
    " is_within_interval is_within_cumulative_interval method",
    "value.rpt_forecast_candidates": "forecast candidate is_baseline origin_count point_count score"
    " score_name score_difference standard_error coverage_80 is_published reason_code",
    "value.lifetime_value_models": "model_id family component fitted_at as_of customer_count"
    " parameters log_likelihood status is_champion",
    "value.fct_customer_rfm": "customer_id days_since_last_order order_count net_revenue"
    " recency_score frequency_score monetary_score segment",
    "value.rpt_rfm_stages": "segment relationship_stage customer_count segment_share stage_share"
    " net_revenue",
    "care.fct_care_actions": "customer_id lifecycle stage action reason evidence due_date priority",
    "engagement.rpt_channel_attribution": "month attribution_model channel credited_order_count"
    " credited_net_revenue",
    "engagement.rpt_campaign_attribution": "month attribution_model channel campaign"
    " credited_order_count credited_net_revenue",
    "engagement.rpt_unattributed_orders": "month reason order_count order_share net_revenue",
    "engagement.rpt_content_performance": "content_id source_system view_count viewer_count"
    " later_buyer_count later_buyer_share first_touch_net_revenue last_touch_net_revenue",
    "engagement.rpt_checkout_funnel": "month step reached_count abandoned_count abandonment_rate"
    " median_minutes_to_order recovered_count",
    "engagement.rpt_support_effect": "month deflection_rate median_first_response_hours"
    " supported_decision_conversion_rate unsupported_decision_conversion_rate"
    " reached_prospect_conversion_rate unreached_prospect_conversion_rate",
    "engagement.rpt_advocacy": "month platform review_count average_rating net_promoter_score"
    " referral_count converted_referral_count referred_net_revenue",
    "engagement.rpt_loyalty": "month tier earned_points redeemed_points expired_points"
    " points_balance order_count net_revenue loyal_order_count loyal_net_revenue offer_taken_count",
    "engagement.rpt_personas": "persona lifecycle stage customer_count customer_share"
    " lifetime_net_revenue",
    "engagement.fct_post_purchase": "order_id source_system customer_id minutes_to_thank_you"
    " hours_to_follow_up csat_score delivery_promise",
    "engagement.fct_relationship_strength": "customer_id relationship_strength recency_points"
    " frequency_points interaction_points satisfaction_points service_points weights_source"
    " strength_status",
    "engagement.rpt_relationship_strength_backtest": "origin_date component weight weights_source"
    " customer_count returned_count auc auc_low auc_high status",
    "care.fct_churn_reasons": "customer_id entry_number reason reason_rank is_stated"
    " condition share_among_lost share_among_others lift lift_low lift_high"
    " evidence_activity evidence_source_system evidence_subject_id evidence_at lost_at",
    "care.rpt_churn_drivers": "condition lost_with_condition_count lost_count"
    " other_with_condition_count other_count share_among_lost share_among_others lift lift_low"
    " lift_high is_driver reason_code",
    "care.rpt_second_order_drivers": "condition returned_with_condition_count returned_count"
    " other_with_condition_count other_count share_among_returned share_among_others lift lift_low"
    " lift_high is_driver reason_code",
    "care.rpt_lost_returns": "lapse_window months_since_loss at_risk_interval_count"
    " returned_interval_count return_share return_share_low return_share_high reason_code",
    "care.fct_win_backs": "interaction_id source_system customer_id entry_number kind outcome"
    " net_revenue_in_window attempted_at",
    "care.fct_care_outcomes": "lifecycle stage action recommended_customer_count treated_interval_count"
    " treated_order_rate untreated_interval_count untreated_order_rate order_rate_difference",
    "meta.build_info": "build_id as_of built_at code_version published",
    "meta.loads": "load_id system entity location physical_records accepted_records"
    " quarantined_records redelivered_records",
    "meta.data_quality_results": "build_id suite check_name relation passed observed severity",
}
