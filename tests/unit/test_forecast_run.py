"""A build's forecast for any shop: it always ends with a reason, and never with an exception, NaN or
infinity. The warehouse is in memory and holds the few tables that a forecast reads."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from dagster_project.forecasting.asking import asking
from dagster_project.lifetime_value import plots
from dagster_project.lifetime_value.btyd import MBG_NBD, fit, fit_spend
from dagster_project.lifetime_value.btyd.beta_dropout import MBG_CNBD
from dagster_project.lifetime_value.btyd.model import PurchaseModel
from dagster_project.lifetime_value.btyd.totals import expected_orders
from dagster_project.lifetime_value.fit import Outcome, forecast
from dagster_project.lifetime_value.histories import Thresholds, fitted_history
from dagster_project.lifetime_value.tables import LINES, NUMBERS, SHAPES
from tests.support.purchases import Purchase, coming_and_going, warehouse

pytestmark = pytest.mark.thorough
AS_OF = date(2025, 7, 6)  # a Sunday, so that nearly a week has passed since the fit
MONDAY = date(2025, 6, 30)
OPENED = date(2023, 7, 3)
SETTINGS: Thresholds = {
    "horizon_days": 365.0,
    "discount_rate": 0.1,
    "exact_customers": 1e6,
    "holdout_days": 182.0,
    "backtest_customers": 2e4,
}
REASONS = {
    *("scored", "fallback_no_dropout", "spend_not_modelled", "no_model"),
    *("not_better_than_naive", "intervals_do_not_hold", "history_too_short"),
}


def _forecast(
    connection: duckdb.DuckDBPyConnection, as_of: date = AS_OF, build: str = "b1"
) -> Outcome:
    outcome = forecast(connection, as_of=as_of, build_id=build, thresholds=SETTINGS)
    assert outcome.reason in REASONS
    _is_sound(connection, outcome)
    return outcome


def _is_sound(connection: duckdb.DuckDBPyConnection, outcome: Outcome) -> None:
    """Every number is finite; every cell has scores or none has; verdict and outcome agree."""
    for table, columns in SHAPES.items():
        for row in connection.execute(f"from forecast.{table}").fetchall():
            for name, value in zip(columns, row, strict=True):
                if isinstance(value, float):
                    assert math.isfinite(value), f"{table}.{name}"
    scored = connection.execute("select count(*) from forecast.lifetime_value_scores").fetchone()
    cells = connection.execute("select count(*) from intermediate.int_value_cells").fetchone()
    assert scored == (cells if outcome.family else (0,))
    assert scored == (outcome.cells,)
    verdict = connection.execute(
        "select reason_code, model_id is not null, fitted_until, coalesce(has_drifted, false)"
        " from forecast.lifetime_value_verdicts"
    ).fetchall()
    assert verdict == [
        (outcome.reason, outcome.family is not None, outcome.fitted_until, outcome.has_drifted)
    ]
    champions = connection.execute(
        "select family from forecast.lifetime_value_models"
        " where is_champion and is_current and component = 'purchases'"
    ).fetchall()
    assert champions == ([(outcome.family,)] if outcome.family else [])


def _statuses(connection: duckdb.DuckDBPyConnection) -> set[str]:
    found = connection.execute(
        "select distinct status from forecast.lifetime_value_models where component = 'purchases'"
    )
    return {status for (status,) in found.fetchall()}


def _read(connection: duckdb.DuckDBPyConnection, table: str) -> pa.Table:
    return connection.execute(f"from forecast.{table}").to_arrow_table()


def _content(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Any]]:
    """All tables except the registry, whose rows name the build."""
    tables = [table for table in SHAPES if table != "lifetime_value_models"]
    return {table: _read(connection, table).to_pylist() for table in tables}


def _models(connection: duckdb.DuckDBPyConnection) -> list[Any]:
    return connection.execute(
        "select * exclude (build_id, as_of) from forecast.lifetime_value_models order by model_id"
    ).fetchall()


@pytest.fixture(scope="module")
def shop() -> list[Purchase]:
    return coming_and_going(1_600, OPENED, AS_OF)


@pytest.fixture(scope="module")
def forecast_shop(shop: list[Purchase]) -> duckdb.DuckDBPyConnection:
    connection = warehouse(shop, AS_OF)
    outcome = _forecast(connection)
    assert (outcome.reason, outcome.has_drifted, outcome.fitted_until) == ("scored", False, MONDAY)
    return connection


def test_no_orders_at_all() -> None:
    outcome = _forecast(warehouse([], AS_OF))
    assert outcome == Outcome("no_model", None, None, False, 0)


def test_everybody_came_after_the_monday() -> None:
    purchases = [(f"c{number}", AS_OF - timedelta(days=1), 10.0) for number in range(900)]
    assert _forecast(warehouse(purchases, AS_OF)).reason == "no_model"


def test_a_shop_too_young_for_three_origins() -> None:
    purchases = coming_and_going(1_000, date(2025, 5, 1), AS_OF)
    assert _forecast(warehouse(purchases, AS_OF)).reason == "history_too_short"


def test_a_shop_of_a_hundred_days_is_forecast() -> None:
    purchases = coming_and_going(6_000, AS_OF - timedelta(days=100), AS_OF)
    assert _forecast(warehouse(purchases, AS_OF)).reason not in ("no_model", "history_too_short")


@pytest.mark.parametrize("days", [1, 40], ids=["bought once", "came back"])
def test_one_customer(days: int) -> None:
    connection = warehouse(
        [("c", OPENED + timedelta(days=7 * number), 12.5) for number in range(days)], AS_OF
    )
    outcome = _forecast(connection)
    assert (outcome.reason, outcome.family) == ("no_model", None)
    assert _statuses(connection) == {"too_few_customers"}


def test_too_few_customers() -> None:
    connection = warehouse(coming_and_going(400, OPENED, AS_OF), AS_OF)
    assert _forecast(connection).reason == "no_model"
    assert _statuses(connection) == {"too_few_customers"}


def test_everybody_bought_once() -> None:
    connection = warehouse(
        [(f"c{number}", OPENED + timedelta(days=number % 700), 10.0) for number in range(1_400)],
        AS_OF,
    )
    outcome = _forecast(connection)
    assert (outcome.reason, outcome.family) == ("no_model", None)
    assert _statuses(connection) == {"too_few_repeats"}


@pytest.mark.parametrize("amount", [0.0, -3.0], ids=["free", "refunded"])
def test_no_money(shop: list[Purchase], amount: float) -> None:
    connection = warehouse([(customer, day, amount) for customer, day, _ in shop], AS_OF)
    outcome = _forecast(connection)
    assert outcome.reason == "spend_not_modelled"
    assert outcome.family is not None
    scores = _read(connection, "lifetime_value_scores").to_pydict()
    assert set(scores["revenue_constant"]) == {0.0}
    for line in LINES[1:]:
        assert set(scores[f"{line}_constant"]) == set(scores[f"{line}_slope"]) == {None}
    assert min(scores["expected_orders"]) > 0


def test_no_customer_ever_leaves() -> None:
    """A year of identical regular buyers: the data show no dropout, and no model finds any."""
    purchases = [
        (f"c{number}", day, 25.0)
        for number in range(900)
        for day in (
            AS_OF - timedelta(days=365 - number % 30) + timedelta(days=30 * k) for k in range(13)
        )
    ]
    connection = warehouse(purchases, AS_OF)
    outcome = _forecast(connection)
    assert outcome.reason in {"fallback_no_dropout", "not_better_than_naive"}
    assert outcome.family in {None, "nbd"}
    assert "no_dropout" in _statuses(connection)


def test_a_shop_is_scored_and_the_week_s_builds_share_a_fit(
    shop: list[Purchase], forecast_shop: duckdb.DuckDBPyConnection
) -> None:
    scores = _read(forecast_shop, "lifetime_value_scores").to_pydict()
    assert not any(value is None for name in NUMBERS for value in scores[name])
    wednesday = warehouse(shop, MONDAY + timedelta(days=2))
    assert not _forecast(wednesday, MONDAY + timedelta(days=2)).has_drifted
    assert _models(wednesday) == _models(forecast_shop)


def test_the_same_again_changes_nothing_but_the_build(
    forecast_shop: duckdb.DuckDBPyConnection,
) -> None:
    before = _content(forecast_shop)
    models = _models(forecast_shop)
    _forecast(forecast_shop, build="b2")
    assert _content(forecast_shop) == before
    assert _models(forecast_shop) == models


def test_purchases_stop_and_models_are_fitted_again(shop: list[Purchase]) -> None:
    connection = warehouse([each for each in shop if each[1] < MONDAY], AS_OF)
    outcome = _forecast(connection)
    assert outcome.has_drifted
    assert outcome.fitted_until == AS_OF
    assert outcome.family is not None
    fitted = connection.execute(
        "select fitted_to from forecast.lifetime_value_models where is_champion"
    ).fetchall()
    assert set(fitted) == {(AS_OF,)}


def test_a_failure_leaves_the_last_forecast(forecast_shop: duckdb.DuckDBPyConnection) -> None:
    before = {table: _read(forecast_shop, table).to_pylist() for table in SHAPES}
    # This table is read last, for the plots, when scores and models are already written.
    forecast_shop.execute("alter table intermediate.int_customer_purchase_days rename to gone")
    with pytest.raises(duckdb.CatalogException):
        forecast(forecast_shop, as_of=MONDAY, build_id="b3", thresholds=SETTINGS)
    assert {table: _read(forecast_shop, table).to_pylist() for table in SHAPES} == before


def test_many_customers_are_fitted_by_the_week_to_nearly_the_same(shop: list[Purchase]) -> None:
    ask = asking(warehouse(shop, AS_OF))
    by_day, by_week = (fitted_history(ask, exact) for exact in (1e6, 100.0))
    assert by_day is not None and by_week is not None
    assert len(by_week.cells) < len(by_day.cells)
    for column in ("frequency", "recency", "age"):
        totals = [
            (getattr(history.cells, column) * history.cells.weight).sum()
            for history in (by_day, by_week)
        ]
        assert totals[0] == pytest.approx(totals[1], rel=1e-12)
    assert by_day.spend.mean_value == pytest.approx(by_week.spend.mean_value, rel=1e-9)
    fits = [fit(MBG_NBD, history.cells).parameters for history in (by_day, by_week)]
    assert fits[1] == pytest.approx(fits[0], rel=0.02)
    spends = [fit_spend(history.spend).parameters for history in (by_day, by_week)]
    assert spends[1] == pytest.approx(spends[0], rel=0.005)


@pytest.mark.parametrize("model", [MBG_NBD, MBG_CNBD[2]], ids=lambda model: model.family)
def test_totals_by_week_between_the_nodes_are_what_every_week_gives(
    shop: list[Purchase], model: PurchaseModel
) -> None:
    history = fitted_history(asking(warehouse(shop, AS_OF)), 1e6)
    assert history is not None
    done, weeks = fit(model, history.cells), 26
    assert weeks > plots.NODES
    each = [
        float((history.cells.weight * expected_orders(done, history.cells, 7.0 * week)).sum())
        for week in range(1, weeks + 1)
    ]
    found = plots.expected_by_week(done, history.cells, weeks)
    assert found.tolist() == pytest.approx(each, rel=2e-5)
    few = plots.expected_by_week(done, history.cells, 3)
    assert few.tolist() == pytest.approx(each[:3], rel=1e-12)
