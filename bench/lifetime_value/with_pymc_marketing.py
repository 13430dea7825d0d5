"""A program: from a table of customers to scores with `pymc-marketing`, in an environment of its own. Of its
ways to fit the fastest (the mode of the posterior, no draws). It imports nothing of this project."""

import sys

import duckdb
import pandas as pd
from pymc_marketing.clv import GammaGammaModel, ModifiedBetaGeoModel


def main(source: str, target: str, horizon: float) -> None:
    """Reads, fits, scores, writes."""
    customers = (
        duckdb.connect()
        .execute(f"select * rename (customer as customer_id, age as T) from '{source}'")
        .fetch_df()
    )
    purchases = ModifiedBetaGeoModel(data=customers)
    purchases.fit(method="map", progressbar=False)
    expected = _values(purchases.expected_purchases(customers, future_t=horizon))
    alive = _values(purchases.expected_probability_alive(customers))
    spend = GammaGammaModel(data=customers[customers["frequency"] > 0])
    spend.fit(method="map", progressbar=False)
    mean = _values(spend.expected_customer_spend(customers))
    scores = pd.DataFrame(
        {
            "customer": customers["customer_id"],
            "probability_alive": alive,
            "expected_orders": expected,
            "revenue": expected * mean,
        }
    )
    duckdb.connect().execute(f"copy (from scores) to '{target}'")
    assert len(scores) == len(customers)


def _values(forecast: object):  # type: ignore[no-untyped-def]
    return forecast.mean(("chain", "draw")).to_numpy()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
