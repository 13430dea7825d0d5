{# What an engine's planner can take. #}

{# Whether a round of identity may look at its own result twice. Spark puts a CTE where it is named, so that the plan
   would double in every round; there are twice as many plain rounds there instead (assert_identity_converged
   says when they are too few). #}
{% macro chains_halve() %}{{ return(adapter.dispatch('chains_halve')()) }}{% endmacro %}
{% macro default__chains_halve() %}{{ return(true) }}{% endmacro %}
{% macro spark__chains_halve() %}{{ return(false) }}{% endmacro %}
