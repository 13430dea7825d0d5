"""Lifetime value: models of when customers buy, when they leave and how much they spend (buy till you
die), in numpy and scipy alone.

Belongs here: likelihoods, fits, forecasts with their uncertainty, and backtests. Does not belong here:
how frequency, recency and age are counted (SQL), where anything is stored, and orchestration.
What the numbers mean and when not to use them: docs/lifetime-value.md."""

from dagster_project.lifetime_value.btyd.backtest import CANDIDATES, MODELS, backtest
from dagster_project.lifetime_value.btyd.beta_dropout import BG_NBD, MBG_CNBD, MBG_NBD
from dagster_project.lifetime_value.btyd.candidates import Result
from dagster_project.lifetime_value.btyd.cells import Cells, SpendCells
from dagster_project.lifetime_value.btyd.fitting import Fit, Minimums, fit, fit_spend
from dagster_project.lifetime_value.btyd.nbd import PURE_NBD
from dagster_project.lifetime_value.btyd.pareto import PARETO_NBD
from dagster_project.lifetime_value.btyd.purchases import Purchases, Split
from dagster_project.lifetime_value.btyd.scoring import score
from dagster_project.lifetime_value.btyd.totals import PastTotals, total_interval
from dagster_project.lifetime_value.btyd.verdict import Verdict
from dagster_project.lifetime_value.btyd.vocabulary import Component, Method, Reason, Status

__all__ = [
    "BG_NBD",
    "CANDIDATES",
    "MBG_CNBD",
    "MBG_NBD",
    "MODELS",
    "PARETO_NBD",
    "PURE_NBD",
    "Cells",
    "Component",
    "Fit",
    "Method",
    "Minimums",
    "PastTotals",
    "Purchases",
    "Reason",
    "Result",
    "SpendCells",
    "Split",
    "Status",
    "Verdict",
    "backtest",
    "fit",
    "fit_spend",
    "score",
    "total_interval",
]
