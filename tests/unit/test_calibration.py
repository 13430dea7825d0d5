"""Proposals for thresholds, worked by hand, and the reference file they are written to. The days are small
numbers, as of a shop that sells bread every day."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.calibration.gaps import DAY, Gaps, LostReturns, gaps, lost_returns, window_days
from dagster_project.calibration.proposals import Proposal, longest_judged, proposals
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
            "calibration_minimum_returns": "10",
            "return_minimum_intervals": "5",
            "lost_return_minimum_months": "3",
        }.items()
    },
}
AS_OF = 1_000 * DAY


def life(*days: float) -> list[int]:
    return [int(day * DAY) for day in days]


def found(*lives: list[int], as_of: int = AS_OF) -> Gaps:
    return gaps(lives, as_of, RULES)


def proposed(these: Gaps, **rules: str) -> dict[str, Decimal | None]:
    changed = {**RULES, **{name: Decimal(value) for name, value in rules.items()}}
    return {each.threshold: each.proposed for each in proposals(these, changed)}


def test_gaps_know_only_the_past_and_the_last_is_open() -> None:
    these = found(life(0, 4, 10, 10.5, 985))
    assert these.number.tolist() == [1, 2, 3, 4, 5]
    assert these.seconds.tolist() == [4 * DAY, 6 * DAY, DAY // 2, int(974.5 * DAY), 15 * DAY]
    assert these.is_open.tolist() == [False, False, False, False, True]
    assert these.since_first.tolist() == [0, 4 * DAY, 10 * DAY, int(10.5 * DAY), 985 * DAY]
    # An order leaves the window exactly as many days after it as the window has.
    assert these.in_window.tolist() == [1, 2, 2, 3, 1]


def test_a_window_of_tenths_is_exact() -> None:
    """2.8 mean gaps of 65 days are 182 days; a customer who comes back within them was not lost."""
    rules = {
        **RULES,
        "lapse_gap_multiple": Decimal("2.8"),
        "lapse_ceiling_days": Decimal(365),
        "lapse_minimum_orders": Decimal(2),
        "lapse_default_days": Decimal(65),
    }
    these = found(life(0, 65, 130, 130 + 182), as_of=int(312.5 * DAY))
    assert window_days(these, rules).tolist() == [65, 182, 182, 291]
    assert lost_returns(these, rules).lost_count == 0


def test_of_the_lost_those_still_away_count_as_long_as_they_were_observed() -> None:
    """Five are lost after 5 days. One comes back on the third day after, two were observed for 40 days only,
    and of the two left one comes back on the seventieth: 1 - 4/5 * 1/2, and not two of five."""
    lives = [life(900, 908), life(900, 975), life(900), life(955), life(955)]
    rules = {**RULES, "return_minimum_intervals": Decimal(1)}
    these = found(*lives)
    returns = lost_returns(these.where(these.number == 1), rules)
    assert (returns.lost_count, returns.months) == (5, 4)
    assert returns.share == pytest.approx(0.6)


def test_a_share_is_given_only_while_enough_can_be_followed() -> None:
    lives = [life(900)] * 4 + [life(950)] * 4
    assert lost_returns(found(*lives), RULES) == LostReturns(8, 2, 0.0)
    assert lost_returns(found(*lives[:3]), RULES) == LostReturns(3, 0, None)


def _shop(gone: int, slow: int, wait: int) -> list[list[int]]:
    """Customers who buy for the second time after 1 to 10 days, and some only after a long time, or never."""
    quick = [life(0, 1 + number % 10) for number in range(40)]
    return [*quick, *[life(0, wait)] * slow, *[life(0)] * gone]


def test_default_is_the_shortest_window_after_which_few_come_back() -> None:
    """Of those away for 10 days 5 of 100 come back; after 9 days the four of the tenth day do as well."""
    shop = found(*_shop(gone=95, slow=5, wait=100))
    # Second orders come back in no time, and are no default gaps.
    assert proposed(shop, lapse_minimum_orders="2")["lapse_default_days"] == 9
    assert (
        proposed(shop, lapse_minimum_orders="2", lost_return_share="0.05")["lapse_default_days"]
        == 10
    )
    assert proposed(found(*_shop(95, 5, 100)[:9]))["lapse_default_days"] is None  # too few returns


def test_open_gaps_count_as_open() -> None:
    """The same gaps, of a shop that was observed for 200 days only: those away might still come back."""
    shop = _shop(gone=95, slow=5, wait=100)
    assert (
        proposed(found(*shop, as_of=200 * DAY), lapse_minimum_orders="2")["lapse_default_days"] == 9
    )
    young = found(*_shop(gone=100, slow=0, wait=0), as_of=60 * DAY)
    assert proposed(young, lapse_minimum_orders="2")["lapse_default_days"] is None


def test_no_window_is_proposed_where_the_lost_come_back() -> None:
    """Everybody away for long comes back in the end, one every ten days: no window is long enough."""
    shop = found(*[life(0, 10 * number) for number in range(1, 41)], as_of=500 * DAY)
    first = shop.where(shop.number == 1)
    [because] = [each for each in proposals(first, RULES) if each.threshold == "lapse_default_days"]
    assert (because.proposed, because.because) == (
        None,
        "no window that history can judge lets at most 10% come back",
    )
    judged = longest_judged(first, RULES)
    assert judged is not None
    # After 300 days the five that are needed are still away as the third month begins, after 360.
    assert judged[0] == 300
    assert judged[1].share is not None
    assert judged[1].share > 0.5


def test_own_windows_call_the_lost_as_soon_as_the_limit_allows() -> None:
    """Everyone's own gap is 4 days. They come back after 8 days at the latest, or never: a window of 8 days."""
    returning = [life(0, 4, 8, 8 + gap) for gap in (2, 3, 4, 5, 6, 7, 8, 8, 8, 8)] * 4
    these = found(*returning, *[life(0, 4, 8)] * 60)
    made = proposed(these, lapse_default_days="50")
    assert made["lapse_gap_multiple"] == 1
    assert made["lapse_floor_days"] == 8
    assert made["lapse_ceiling_days"] == 50


def test_loyal_is_who_comes_back_with_four_chances_in_five() -> None:
    # Ten orders in ten days each: of the orders from the second on, one in nine was the last.
    often = [life(*range(10)) for _ in range(10)]
    assert proposed(found(*often))["loyal_order_count"] == 2
    # With twenty who ordered twice, 80 of 110 orders from the second on were followed by another;
    # from the third on 70 of 80.
    assert proposed(found(*often, *[life(0, 1)] * 20))["loyal_order_count"] == 3
    assert proposed(found(*[life(0, 1, 2)] * 20))["loyal_order_count"] is None


def test_a_shop_without_orders_gets_no_proposal() -> None:
    none = found()
    assert all(isinstance(p, Proposal) and p.proposed is None for p in proposals(none, RULES))
    assert lost_returns(none, RULES) == LostReturns(0, 0, None)


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
    """A copy of the reference file that the command takes for the real one, and a served build in which 110 of
    200 customers came back after 100 days, and orders that do not count or have no customer."""
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
            where number < 110 or day <> 100
            """
        )
    yield file


def test_the_command_changes_nothing_by_itself(
    reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calibrate"]) == 0
    out = capsys.readouterr().out
    assert "100       at most 10% of the customers called lost came back" in out
    assert "Customers called lost, now: 200, of whom 0.0% came back within 12 months: within" in out
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
    assert "no proposal to write" in capsys.readouterr().out


def test_the_command_refuses_what_it_does_not_propose(
    reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calibrate", "--accept", "positive_rating"]) == 2
    assert "There is no proposal for 'positive_rating'" in capsys.readouterr().err
    assert reference.read_text() == THRESHOLDS_FILE.read_text()
