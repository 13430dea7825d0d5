"""The checks of the usual way: Great Expectations on pandas frames, each read whole from a mart, one suite
a table. Belongs here: what is measured, as one process. Does not belong here: any other check.

Usage: gx_frames.py WAREHOUSE"""

from __future__ import annotations

import sys

import duckdb
import great_expectations as gx
from great_expectations import expectations as gxe

KEYS = {
    "core.dim_customers": "customer_id",
    "core.fct_orders": "order_id",
    "core.fct_reviews": "review_id",
    "core.fct_customer_activities": "activity_key",
    "value.fct_customer_lifetime_value": "customer_id",
    "value.fct_customer_rfm": "customer_id",
}
STAGES = ["prospect", "first_purchase", "repeat_purchase", "loyal", "lost"]


def main(warehouse: str) -> int:
    """Exit code 0 when every expectation holds."""
    context = gx.get_context(mode="ephemeral")
    source = context.data_sources.add_pandas("frames")
    held = True
    with duckdb.connect(warehouse, read_only=True) as connection:
        for table, key in KEYS.items():
            frame = connection.sql(f"select * from {table}").df()
            batch = (
                source.add_dataframe_asset(table)
                .add_batch_definition_whole_dataframe("all")
                .get_batch({"dataframe": frame})
            )
            suite = gx.ExpectationSuite(name=table)
            suite.add_expectation(gxe.ExpectColumnValuesToBeUnique(column=key))
            suite.add_expectation(gxe.ExpectColumnValuesToNotBeNull(column=key))
            suite.add_expectation(gxe.ExpectTableRowCountToBeBetween(min_value=1))
            if table.endswith("fct_orders"):
                suite.add_expectation(gxe.ExpectColumnValuesToNotBeNull(column="ordered_at"))
            if table.endswith("dim_customers"):
                column = "relationship_stage"
                suite.add_expectation(
                    gxe.ExpectColumnValuesToBeInSet(column=column, value_set=STAGES)
                )
            held = bool(batch.validate(suite).success) and held
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
