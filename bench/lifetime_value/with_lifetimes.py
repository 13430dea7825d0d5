"""A program: from a table of customers to scores with `lifetimes`, as its documentation does it, in an
environment of its own. It imports nothing of this project."""

import sys

import duckdb
import pandas as pd
from lifetimes import GammaGammaFitter, ModifiedBetaGeoFitter


def main(source: str, target: str, horizon: float) -> None:
    """Reads, fits, scores, writes."""
    customers = duckdb.connect().execute(f"from '{source}'").fetch_df()
    history = (customers["frequency"], customers["recency"], customers["age"])
    purchases = ModifiedBetaGeoFitter()
    purchases.fit(*history)
    expected = purchases.conditional_expected_number_of_purchases_up_to_time(horizon, *history)
    returning = customers[customers["frequency"] > 0]
    spend = GammaGammaFitter()
    spend.fit(returning["frequency"], returning["monetary_value"])
    mean = spend.conditional_expected_average_profit(
        customers["frequency"], customers["monetary_value"]
    )
    scores = pd.DataFrame(
        {
            "customer": customers["customer"],
            "probability_alive": purchases.conditional_probability_alive(*history),
            "expected_orders": expected,
            "revenue": expected * mean,
        }
    )
    duckdb.connect().execute(f"copy (from scores) to '{target}'")
    assert len(scores) == len(customers)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
