"""The outcome of a backtest. Belongs here: what is published, and why. Does not belong here: how it comes about
(`backtest.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dagster_project.lifetime_value.btyd.candidates import Result
from dagster_project.lifetime_value.btyd.judging import Judged
from dagster_project.lifetime_value.btyd.levels import Levels
from dagster_project.lifetime_value.btyd.model import PurchaseModel
from dagster_project.lifetime_value.btyd.purchases import Split
from dagster_project.lifetime_value.btyd.totals import PastTotals
from dagster_project.lifetime_value.btyd.vocabulary import Method, Reason


@dataclass(frozen=True, eq=False)
class Verdict:
    """The outcome of a backtest.

    Attributes:
        champion: the model that forecasts; None if none earned it.
        reason: how the scores come about, or why there are none.
        results: results of all models and baselines, by family. Only the champion and the baselines forecast
            from past origins: the others were less likely by all history.
        splits: the origins with what followed, newest first.
        orders_method: the champion's family, or the baseline that is published in its place; None for nothing.
        revenue_method: how money is forecast; None for nothing.
        levels: quantile levels of intervals that held what they say, for orders and for money.
        totals: how far past totals were off; None without a champion.
        judged: how all candidates did, of orders and of money; nothing where there was no choice.
    """

    champion: PurchaseModel | None
    reason: Reason
    results: Mapping[str, Result]
    splits: Sequence[Split]
    orders_method: str | None = None
    revenue_method: str | None = None
    levels: Mapping[str, Levels | None] = field(default_factory=dict)
    totals: PastTotals | None = None
    judged: Mapping[str, Judged] = field(default_factory=dict)

    @property
    def best(self) -> Result | None:
        """The result of what is published; the naive forecast's if nothing is."""
        return self.results.get(self.orders_method or Method.NAIVE)
