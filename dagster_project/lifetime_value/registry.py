"""The model registry and the published fit. Belongs here: the registry row of a fit, restoring a fit from
its row, and the champion's fit to all history. Does not belong here: how rows are stored (`tables.py`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dagster_project.lifetime_value.btyd.backtest import MODELS
from dagster_project.lifetime_value.btyd.candidates import Result
from dagster_project.lifetime_value.btyd.cells import Cells, Floats, SpendCells
from dagster_project.lifetime_value.btyd.fitting import Fit, Minimums, fit
from dagster_project.lifetime_value.btyd.nbd import PURE_NBD
from dagster_project.lifetime_value.btyd.verdict import Verdict
from dagster_project.lifetime_value.btyd.vocabulary import Component, Reason, Status
from dagster_project.lifetime_value.holdout_measures import MEASURES

Value = str | float | int | bool | None


@dataclass(frozen=True, eq=False)
class Published:
    """The fit that scores are computed with, or None, and the reason."""

    fit: Fit | None
    reason: Reason


def published(
    verdict: Verdict, cells: Cells, start: Floats | None = None, minimums: Minimums | None = None
) -> Published:
    """Fits the champion to all customers. If their history shows no dropout, NBD is fitted instead.

    Args:
        verdict: outcome of the backtest.
        cells: all customers, in the same unit of time as in the backtest.
        start: parameters of the champion's family to start from; by default those of the backtest.
        minimums: the least data that a model is fitted to.
    """
    if verdict.champion is None:
        return Published(None, verdict.reason)
    known = verdict.results[verdict.champion.family].fit
    warm = known.parameters if start is None and known is not None else start
    done = fit(verdict.champion, cells, warm, minimums)
    reason = verdict.reason
    if done.status is Status.NOT_CONVERGED:
        done = fit(verdict.champion, cells, None, minimums)
    if done.status is Status.NO_DROPOUT:
        done, reason = fit(PURE_NBD, cells, None, minimums), Reason.FALLBACK_NBD
    return Published(done, reason) if done.status is Status.OK else Published(None, Reason.NO_MODEL)


def data_hash(cells: Cells | SpendCells) -> str:
    """A hash of the fitted data, 16 hex digits; it does not depend on the order of the cells."""
    columns = (
        (cells.frequency, cells.recency, cells.age, cells.weight)
        if isinstance(cells, Cells)
        else (cells.frequency, cells.monetary_value, cells.weight)
    )
    table = np.column_stack(columns)
    table = np.ascontiguousarray(table[np.lexsort(table.T[::-1])], dtype="<f8")
    return hashlib.sha256(table.tobytes()).hexdigest()[:16]


def registry_row(
    done: Fit,
    cells: Cells | SpendCells,
    fitted_to: str,
    result: Result | None = None,
    is_champion: bool = False,
    segment: str = "all",
) -> dict[str, Value]:
    """A row of `value.lifetime_value_models`: plain values without NaN; None where a value is unknown.
    `parameters`, `log_covariance` and `at_boundary` are JSON. `model_id` is made of family, segment,
    the end of the fitted data and the data's hash, and depends on no clock.

    Args:
        done: the fit.
        cells: the data that was fitted.
        fitted_to: end of the fitted data, exclusive; ISO date.
        result: the family's result in the backtest, if there is one.
        is_champion: whether scores are computed with the fit.
        segment: the customers' segment.
    """
    fingerprint = data_hash(cells)
    was_fitted = done.status not in (Status.TOO_FEW_CUSTOMERS, Status.TOO_FEW_REPEATS)
    parameters = {
        name: float(value) for name, value in zip(done.names, done.parameters, strict=True)
    }
    covariance = done.log_covariance.tolist()
    found: Mapping[str, float] = result.measures if result else {}
    row: dict[str, Value] = {
        "model_id": f"{done.family}:{segment}:{fitted_to}:{fingerprint}",
        "family": done.family,
        "component": str(done.component),
        "segment": segment,
        "fitted_to": fitted_to,
        "data_hash": fingerprint,
        "customer_count": round(done.customers),
        "parameters": json.dumps(parameters) if was_fitted else None,
        "log_covariance": json.dumps(covariance) if was_fitted else None,
        "log_likelihood": done.log_likelihood if was_fitted else None,
        "comparable_log_likelihood": result.log_likelihood if result else None,
        "status": str(done.status),
        "at_boundary": json.dumps(done.at_boundary),
        "iterations": done.iterations,
        "frequency_spend_correlation": done.correlation
        if done.component is Component.SPEND
        else None,
        "is_champion": is_champion,
    }
    return row | {f"holdout_{name}": found.get(name) for name in MEASURES}


def fit_of(row: Mapping[str, Value]) -> Fit | None:
    """The fit of a registry row, to score with or to start from; None if the row holds none."""
    if not isinstance(row["parameters"], str) or not isinstance(row["log_covariance"], str):
        return None
    parameters = json.loads(row["parameters"])
    component, family = Component(str(row["component"])), str(row["family"])
    return Fit(
        MODELS[family] if component is Component.PURCHASES else None,
        component,
        family,
        tuple(parameters),
        np.array(list(parameters.values())),
        np.array(json.loads(row["log_covariance"])),
        _number(row["log_likelihood"]),
        Status(str(row["status"])),
        tuple(json.loads(str(row["at_boundary"]))),
        _number(row["customer_count"]),
        int(_number(row["iterations"])),
        _number(row.get("frequency_spend_correlation")),
    )


def _number(value: Value) -> float:
    return float(value) if value is not None else 0.0
