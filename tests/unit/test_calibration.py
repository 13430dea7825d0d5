"""Proposals for thresholds, worked by hand, and the reference file they are written to. The days are small
numbers, as of a shop that sells bread every day."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.calibration.proposals import DAY, Proposal, false_lost_share, gaps, proposals
from dagster_project.calibration.reference import THRESHOLDS_FILE, read_thresholds, write_thresholds
from dagster_project.cli import calibrate, main
from dagster_project.errors import UserError

RULES = {
    **read_thresholds(THRESHOLDS_FILE),
    **{
        name: Decimal(value)
        for name, value in {
            "loyal_window_days": "10",
            "lapse_minimum_orders": "3",
            "lapse_default_days": "5",
            "lapse_floor_days": "1",
            "lapse_ceiling_days": "50",
            "lapse_gap_multiple": "3",
            "calibration_maturity_days": "20",
            "calibration_minimum_returns": "10",
        }.items()
    },
}
AS_OF = 1_000 * DAY


def life(*days: float) -> list[int]:
    return [int(day * DAY) for day in days]


def proposed(lives: list[list[int]]) -> dict[str, Decimal | None]:
    made = proposals(gaps(lives, AS_OF, RULES), RULES)
    return {each.threshold: each.proposed for each in made}


def test_gaps_know_only_the_past_and_old_orders() -> None:
    first, second, third, fourth = gaps([life(0, 4, 10, 10.5, 985)], AS_OF, RULES)
    assert (first.number, first.seconds, first.mean_seconds) == (1, 4 * DAY, None)
    assert (second.seconds, second.mean_seconds) == (6 * DAY, 4 * DAY)
    assert (third.seconds, third.mean_seconds) == (DAY / 2, 5 * DAY)
    assert fourth.seconds == int(974.5 * DAY)
    # An order leaves the window exactly as many days after it as the window has.
    assert [gap.orders_in_window for gap in (first, second, third, fourth)] == [1, 2, 2, 3]


def test_an_order_that_is_just_old_enough_counts_and_its_gap_is_open() -> None:
    (gap,) = gaps([life(980), life(980.001)], AS_OF, RULES)
    assert gap.seconds is None


def test_default_is_the_days_within_which_nine_of_ten_came_back() -> None:
    lives = [life(0, gap) for gap in (1, 2, 3, 4, 5, 6, 7, 8, 8.5, 30)]
    assert proposed(lives)["lapse_default_days"] == 9  # 8.5 days are over within 9
    assert proposed(lives)["lapse_ceiling_days"] == 30
    assert proposed(lives[1:])["lapse_default_days"] is None  # too few orders


def test_a_window_of_tenths_is_exact() -> None:
    """2.8 mean gaps of 65 days are 182 days; a customer who comes back within them was not lost."""
    rules = {
        **RULES,
        "lapse_gap_multiple": Decimal("2.8"),
        "lapse_ceiling_days": Decimal(365),
        "lapse_minimum_orders": Decimal(2),
        "lapse_default_days": Decimal(65),
    }
    assert false_lost_share(gaps([life(0, 65, 130, 130 + 182)], AS_OF, rules), rules) == 0


def test_multiple_is_the_least_that_calls_few_returners_lost() -> None:
    # Everyone's own gap is 4 days. Nine come back after 8 days at the latest, one after 40.
    lives = [life(0, 4, 8, 8 + gap) for gap in (2, 3, 4, 5, 6, 7, 8, 8, 8, 40)]
    rules = {**RULES, "calibration_frequent_share": Decimal("0.1")}
    made = {p.threshold: p for p in proposals(gaps(lives, AS_OF, rules), rules)}
    assert made["lapse_gap_multiple"].proposed == 2
    assert made["lapse_floor_days"].proposed is None  # one life in ten is too few
    assert made["lapse_ceiling_days"].proposed == 40


def test_floor_is_learned_from_those_who_order_most_often() -> None:
    often = [life(0, 1, 2, 2 + gap) for gap in (1, 1, 1, 1, 1, 2, 2, 2, 3, 9)]
    seldom = [life(0, 20, 40, 80) for _ in range(30)]
    assert proposed(often + seldom)["lapse_floor_days"] == 3


def test_floor_is_not_above_and_ceiling_not_below_the_default() -> None:
    slow = [life(0, 1, 2, 2 + gap) for gap in range(30, 40)]
    both = proposed(slow)
    assert both["lapse_default_days"] == 1
    assert both["lapse_floor_days"] is None or both["lapse_floor_days"] <= 1
    assert both["lapse_ceiling_days"] == 39


def test_loyal_is_who_comes_back_with_four_chances_in_five() -> None:
    # Ten orders in ten days each: of the orders from the second on, one in nine was the last.
    often = [life(*range(10)) for _ in range(10)]
    assert proposed(often)["loyal_order_count"] == 2
    # With twenty who ordered twice, 80 of 110 orders from the second on were followed by another;
    # from the third on 70 of 80.
    assert proposed([*often, *[life(0, 1)] * 20])["loyal_order_count"] == 3
    assert proposed([life(0, 1, 2)] * 20)["loyal_order_count"] is None


def test_false_lost_is_a_return_after_the_window() -> None:
    found = gaps([life(0, 5), life(0, 5.1), life(0)], AS_OF, RULES)
    assert false_lost_share(found, RULES) == 0.5
    assert false_lost_share([], RULES) is None


def test_a_shop_without_orders_gets_no_proposal() -> None:
    assert all(isinstance(p, Proposal) and p.proposed is None for p in proposals([], RULES))


def test_accepted_values_replace_values_alone(tmp_path: Path) -> None:
    file = tmp_path / "thresholds.csv"
    text = THRESHOLDS_FILE.read_text()
    file.write_text(text)
    write_thresholds(
        file, {"lapse_default_days": Decimal(251), "lapse_gap_multiple": Decimal("5.5")}
    )
    assert file.read_text() == text.replace(
        "lapse_default_days,180,", "lapse_default_days,251,"
    ).replace("lapse_gap_multiple,3,", "lapse_gap_multiple,5.5,")
    assert read_thresholds(file)["lapse_gap_multiple"] == Decimal("5.5")


def test_a_threshold_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "thresholds.csv"
    file.write_text("threshold,value,unit,description\nlapse_default_days,180,days,x\n")
    before = file.read_text()
    with pytest.raises(UserError, match="No such threshold: luck"):
        write_thresholds(file, {"lapse_default_days": Decimal(9), "luck": Decimal(1)})
    assert file.read_text() == before
    file.write_text("threshold,value\nlapse_default_days,many\n")
    with pytest.raises(UserError, match="cannot be read"):
        read_thresholds(file)


@pytest.fixture
def reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the reference file that the command takes for the real one, and a served build in which 200
    customers came back after 100 days, and orders that do not count or have no customer."""
    file = tmp_path / "thresholds.csv"
    file.write_text(THRESHOLDS_FILE.read_text())
    monkeypatch.setattr(calibrate, "THRESHOLDS_FILE", file)
    monkeypatch.setenv("LIFECYCLE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "served").mkdir()
    with duckdb.connect(str(tmp_path / "served" / "lifecycle.duckdb")) as connection:
        connection.execute("create schema core")
        connection.execute("create schema meta")
        connection.execute("create table meta.build_info as select date '2026-01-01' as as_of")
        connection.execute(
            """
            create table core.fct_orders as
            select
                number || '-' || day as order_id,
                'demo' as source_system,
                case when is_identified then 'c' || number end as customer_id,
                timestamp '2024-01-01 08:00' + to_days(day) as ordered_at,
                is_counted
            from range(200) as customers(number)
            cross join (values (0, true, true), (100, true, true), (1, true, false), (2, false, true))
                as orders(day, is_identified, is_counted)
            """
        )
    yield file


def test_the_command_changes_nothing_by_itself(
    reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calibrate"]) == 0
    out = capsys.readouterr().out
    assert "at most 10% of 200 returns came later, after one of the first orders" in out
    assert "Nothing was changed" in out
    assert reference.read_text() == THRESHOLDS_FILE.read_text()


def test_the_command_writes_what_is_accepted(
    reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = THRESHOLDS_FILE.read_text()
    assert main(["calibrate", "--accept", "lapse_default_days"]) == 0
    text = text.replace("lapse_default_days,180,", "lapse_default_days,100,")
    assert reference.read_text() == text
    assert main(["calibrate", "--accept"]) == 0
    text = text.replace("lapse_ceiling_days,365,", "lapse_ceiling_days,100,")
    assert reference.read_text() == text
    assert main(["calibrate", "--accept"]) == 0
    assert "no proposal to write" in capsys.readouterr().out


def test_the_command_refuses_what_it_does_not_propose(
    reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calibrate", "--accept", "positive_rating"]) == 2
    assert "There is no proposal for 'positive_rating'" in capsys.readouterr().err
    assert reference.read_text() == THRESHOLDS_FILE.read_text()
