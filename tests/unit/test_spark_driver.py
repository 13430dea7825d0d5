"""The tables that the driver takes from a lake, and the file that it gives to the workers. Does not belong
here: what runs on a cluster."""

from __future__ import annotations

from spark.driver import PHONE_NUMBERS, needed

LAKE = ["raw_demo.orders", "forecast.lifetime_value_models", "forecast.lifetime_value_scores"]


def test_of_the_lake_s_forecasts_a_build_reads_the_registry_alone() -> None:
    assert needed(LAKE, is_part=False) == LAKE[:2]
    assert needed(LAKE[:1], is_part=False) == LAKE[:1]


def test_a_part_of_the_models_stands_on_the_lake_s_forecasts() -> None:
    assert needed(LAKE, is_part=True) == LAKE


def test_the_workers_get_a_file_that_exists() -> None:
    """It is named by its path, as the workers have no package of ours."""
    assert PHONE_NUMBERS.is_file()
