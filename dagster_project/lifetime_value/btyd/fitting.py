"""Maximum likelihood: the search for parameters, and their uncertainty. Belongs here: fits of any
model of the package. Does not belong here: formulas, or which fit is published."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

import numpy as np

from dagster_project.lifetime_value.btyd.cells import Cells, Floats, SpendCells
from dagster_project.lifetime_value.btyd.gamma_gamma import GAMMA_GAMMA
from dagster_project.lifetime_value.btyd.model import PurchaseModel
from dagster_project.lifetime_value.btyd.searching import BOUND, Objective, lowest
from dagster_project.lifetime_value.btyd.vocabulary import Component, Status

MANY = 20_000  # with more cells than this, the search starts on coarser ones
BLOCK = 8_192  # cells at a time: as many as the processor's cache holds
DIGITS = 12  # significant digits of parameters: as many as an optimum can be reproduced to


@dataclass(frozen=True)
class Minimums:
    """Below these minimums no fit is made: at 100 customers, 7 of 20 fits reached a boundary by chance; at
    500, none did."""

    customers: int = 500
    repeat_customers: int = 50

    def are_met(self, cells: Cells) -> bool:
        """Whether there is enough to fit to."""
        repeaters = float(cells.weight[cells.frequency > 0].sum())
        return cells.customers >= self.customers and repeaters >= self.repeat_customers


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model, or a model that could not be fitted.

    Attributes:
        model: the model of purchases; None for spend.
        component: purchases or spend.
        family: the model's name.
        names: names of the parameters.
        parameters: their values, in the cells' unit of time or money; the start values where nothing
            was fitted.
        log_covariance: covariance of their logarithms, from the curvature of the likelihood; 0 for a
            parameter at a boundary.
        log_likelihood: log-likelihood at the parameters; 0 where nothing was fitted.
        status: how the fit ended.
        at_boundary: parameters that reached the end of their range.
        customers: number of customers.
        iterations: steps of the search.
        correlation: correlation of frequency and monetary value, which the model assumes to be 0
            (spend only, else 0).
    """

    model: PurchaseModel | None
    component: Component
    family: str
    names: tuple[str, ...]
    parameters: Floats
    log_covariance: Floats
    log_likelihood: float
    status: Status
    at_boundary: tuple[str, ...]
    customers: float
    iterations: int
    correlation: float = 0.0


def fit(
    model: PurchaseModel,
    cells: Cells,
    start: Floats | None = None,
    minimums: Minimums | None = None,
) -> Fit:
    """Fits a model of purchases.

    Args:
        model: the model.
        cells: the customers, in any unit of time; the fit does not depend on the unit.
        start: parameters to start from, e.g. last week's, in the cells' unit; by default several
            starts.
        minimums: the least data that the model is fitted to.
    """
    minimums = minimums or Minimums()
    repeaters = float(cells.weight[cells.frequency > 0].sum())
    unit = cells.mean_age
    units = np.array([unit if name in model.times else 1.0 for name in model.names])
    nothing = Fit(
        model,
        Component.PURCHASES,
        model.family,
        model.names,
        np.array(model.starts[0]) * units,
        np.zeros((len(units), len(units))),
        0.0,
        Status.TOO_FEW_CUSTOMERS,
        (),
        cells.customers,
        0,
    )
    if cells.customers < minimums.customers:
        return nothing
    if repeaters < minimums.repeat_customers:
        return replace(nothing, status=Status.TOO_FEW_REPEATS)
    if start is None and len(cells) > MANY:
        coarse = cells.bucketed(unit / 20)[0]
        if len(coarse) < len(cells) / 2:
            near = fit(model, coarse, None, minimums)
            start = near.parameters if near.status is Status.OK else None
    scaled = cells.in_units_of(unit)
    blocks = [scaled.taken(slice(first, first + BLOCK)) for first in range(0, len(scaled), BLOCK)]
    starts = [np.array(s) for s in model.starts] if start is None else [start / units]

    def objective(logs: Floats) -> tuple[float, Floats]:
        parameters = np.exp(logs)
        parts = list(pool.map(partial(model.log_likelihood, parameters), blocks))
        value = sum(part[0] for part in parts)
        slope = cast(Floats, sum(part[1] for part in parts))
        return -value / cells.customers, -slope * parameters / cells.customers

    # numpy computes outside Python's lock, so that blocks run on all processors at once.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        highest = np.log([model.highest.get(name, np.exp(BOUND)) for name in model.names])
        done = _searched(nothing, objective, starts, units, highest)
    value = model.log_likelihood(done.parameters, cells)[0]  # of the unscaled times
    done = replace(done, log_likelihood=value)
    if not model.has_dropout(done.parameters, cells):
        return replace(done, status=Status.NO_DROPOUT)
    return done


def fit_spend(
    cells: SpendCells, start: Floats | None = None, minimums: Minimums | None = None
) -> Fit:
    """Fits Gamma-Gamma; arguments as in `fit`, with money in place of time."""
    minimums = minimums or Minimums()
    model, unit = GAMMA_GAMMA, cells.mean_value
    units = np.array([1.0, 1.0, unit])
    nothing = Fit(
        None,
        Component.SPEND,
        model.family,
        model.names,
        np.array(model.starts[0]) * units,
        np.zeros((3, 3)),
        0.0,
        Status.TOO_FEW_REPEATS,
        (),
        cells.customers,
        0,
        cells.correlation,
    )
    if cells.customers < minimums.repeat_customers:
        return nothing
    scaled = cells.in_units_of(unit)

    def objective(logs: Floats) -> tuple[float, Floats]:
        value, slope = model.log_likelihood(np.exp(logs), scaled)
        return -value / cells.customers, -slope * np.exp(logs) / cells.customers

    starts = [np.array(s) for s in model.starts] if start is None else [start / units]
    done = _searched(nothing, objective, starts, units)
    value = model.log_likelihood(done.parameters, cells)[0]  # of the unscaled money
    done = replace(done, log_likelihood=value)
    if done.parameters[1] <= 1:
        return replace(done, status=Status.INFINITE_MEAN)
    return done


def _searched(
    nothing: Fit,
    objective: Objective,
    starts: list[Floats],
    units: Floats,
    highest: Floats | None = None,
) -> Fit:
    found = lowest(objective, [np.log(start) for start in starts], highest)
    parameters = np.exp(found.logs) * units
    return replace(
        nothing,
        parameters=np.array([float(f"{value:.{DIGITS}g}") for value in parameters]),
        log_covariance=found.inverse / nothing.customers,
        status=Status.OK if found.has_converged else Status.NOT_CONVERGED,
        at_boundary=tuple(
            name for name, inside in zip(nothing.names, found.free, strict=True) if not inside
        ),
        iterations=found.iterations,
    )
