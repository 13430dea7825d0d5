{# The limits of an engine's query planner. #}

{# Whether a round of identity resolution may read its own result twice. Spark copies a CTE to every place that names
   it, so its plan would double with every round: there, twice as many simple rounds run instead.
   assert_identity_converged fails when they are too few. #}
{% macro chains_halve() %}{{ return(adapter.dispatch('chains_halve')()) }}{% endmacro %}
{% macro default__chains_halve() %}{{ return(true) }}{% endmacro %}
{% macro spark__chains_halve() %}{{ return(false) }}{% endmacro %}
