"""Two Great Expectations expectations of our own, with their metrics. Belongs here: what the
built-in ones cannot do: any SQL condition or aggregate (regular expressions, several columns,
shares), all of a suite in **one** scan, without ever fetching a failing value. The metrics are
`AGGREGATE_FN` partials, which GX bundles into a single `select` per batch. Does not belong here:
rules about tables (`quality/suites/`)."""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_partial
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

ROW_COUNT = "table.row_count"
NO_DETAIL = "max(cast(null as varchar))"

sql_aggregate = metric_partial(
    engine=SqlAlchemyExecutionEngine,
    partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
    domain_type=MetricDomainTypes.TABLE,
)


class RecordsWhere(TableMetricProvider):  # type: ignore[misc]
    """How many records meet a SQL condition."""

    metric_name = "table.records_where"
    value_keys = ("condition",)

    @sql_aggregate  # type: ignore[untyped-decorator]
    def _sqlalchemy(
        cls,  # noqa: N805 - GX passes it by this name
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        **_: Any,
    ) -> tuple[Any, dict[str, Any], dict[str, Any]]:
        condition = metric_value_kwargs["condition"]
        counted: Any = sa.literal_column(f"count(*) filter (where {condition})")
        return counted, metric_domain_kwargs, {}


class SqlDetail(TableMetricProvider):  # type: ignore[misc]
    """The text of a SQL aggregate that describes what broke a rule; null when the rule has none."""

    metric_name = "table.sql_detail"
    value_keys = ("detail",)

    @sql_aggregate  # type: ignore[untyped-decorator]
    def _sqlalchemy(
        cls,  # noqa: N805 - GX passes it by this name
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        **_: Any,
    ) -> tuple[Any, dict[str, Any], dict[str, Any]]:
        detail = metric_value_kwargs["detail"] or NO_DETAIL
        return sa.literal_column(detail), metric_domain_kwargs, {}


class SqlAggregate(TableMetricProvider):  # type: ignore[misc]
    """The value of a SQL aggregate over all records."""

    metric_name = "table.sql_aggregate"
    value_keys = ("expression",)

    @sql_aggregate  # type: ignore[untyped-decorator]
    def _sqlalchemy(
        cls,  # noqa: N805 - GX passes it by this name
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        **_: Any,
    ) -> tuple[Any, dict[str, Any], dict[str, Any]]:
        return sa.literal_column(metric_value_kwargs["expression"]), metric_domain_kwargs, {}


class ExpectNoRecordsWhere(BatchExpectation):  # type: ignore[misc]
    """No record of the batch meets `condition` (SQL; null counts as not met). `detail`, an
    aggregate SQL text, is part of the result. Observed value: the number of such records."""

    condition: str
    detail: str | None = None

    metric_dependencies: ClassVar[tuple[str, ...]] = (
        RecordsWhere.metric_name,
        SqlDetail.metric_name,
        ROW_COUNT,
    )
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id", "row_condition", "condition_parser")
    success_keys: ClassVar[tuple[str, ...]] = ("condition", "detail")

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        count = metrics[RecordsWhere.metric_name]
        details = {"row_count": metrics[ROW_COUNT], "detail": metrics[SqlDetail.metric_name]}
        return {"success": count == 0, "result": {"observed_value": count, "details": details}}


class ExpectAggregateToBeBetween(BatchExpectation):  # type: ignore[misc]
    """A SQL aggregate over the batch lies within the bounds, both inclusive; a null aggregate
    passes. Observed value: the aggregate."""

    expression: str
    min_value: float | None = None
    max_value: float | None = None

    metric_dependencies: ClassVar[tuple[str, ...]] = (SqlAggregate.metric_name, ROW_COUNT)
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id", "row_condition", "condition_parser")
    success_keys: ClassVar[tuple[str, ...]] = ("expression", "min_value", "max_value")

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        value = metrics[SqlAggregate.metric_name]
        success = value is None or (
            (self.min_value is None or value >= self.min_value)
            and (self.max_value is None or value <= self.max_value)
        )
        details = {"row_count": metrics[ROW_COUNT]}
        return {"success": success, "result": {"observed_value": value, "details": details}}
