"""The search for the highest likelihood, in the logarithms of the parameters. Belongs here: the
optimisation. Does not belong here: what the parameters mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from dagster_project.lifetime_value.btyd.cells import Floats

BOUND = 11.0  # bound of the logarithms, in the units of the search
NEAR_BOUND = 0.5
FLAT = 1e-5  # a slope of the mean log-likelihood below this counts as 0

Objective = Callable[[Floats], tuple[float, Floats]]


@dataclass(frozen=True, eq=False)
class Optimum:
    """The end of a search.

    Attributes:
        logs: logarithms of the parameters.
        inverse: inverse of the curvature at the end; 0 for parameters at their bound.
        free: which parameters are not at their bound.
        has_converged: whether the objective is flat and curved at the end.
        iterations: steps of the search.
    """

    logs: Floats
    inverse: Floats
    free: NDArray[np.bool_]
    has_converged: bool
    iterations: int


def lowest(
    objective: Objective, starts: Sequence[Floats], highest: Floats | None = None
) -> Optimum:
    """The lowest minimum found by searches from all starts (L-BFGS-B), refined by Newton steps.

    Args:
        objective: returns the value and the exact gradient.
        starts: logarithms of the parameters to start from.
        highest: upper ends of the logarithms; by default BOUND.
    """
    ends_at = np.full(len(starts[0]), BOUND) if highest is None else highest
    ends = [
        optimize.minimize(
            objective,
            np.clip(start, -BOUND, ends_at),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-BOUND, end) for end in ends_at],
            options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-7},
        )
        for start in starts
    ]
    best = min(ends, key=lambda end: float(end.fun))
    logs = np.array(best.x)
    free = (logs > NEAR_BOUND - BOUND) & (
        logs < np.where(ends_at < BOUND, ends_at, BOUND - NEAR_BOUND)
    )
    logs, curvature = _refined(objective, logs, free)
    inner = np.ix_(free, free)
    inverse = np.zeros_like(curvature)
    is_curved = _is_curved(curvature[inner])
    if is_curved:
        inverse[inner] = np.linalg.inv(curvature[inner])
    is_flat = bool((np.abs(objective(logs)[1][free]) < FLAT).all())
    steps = sum(int(end.nit) for end in ends)
    return Optimum(logs, (inverse + inverse.T) / 2, free, is_flat and is_curved, steps)


def _is_curved(curvature: Floats) -> bool:
    return bool(len(curvature)) and bool(np.linalg.eigvalsh(curvature)[0] > 0)


def _refined(objective: Objective, logs: Floats, free: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Newton steps in the free parameters, downhill only. Returns where they end, and the curvature
    there."""
    inner = np.ix_(free, free)
    curvature, (value, slope) = _curvature(objective, logs), objective(logs)
    for _ in range(4):
        if not _is_curved(curvature[inner]):
            break
        step = np.zeros_like(logs)
        step[free] = -np.linalg.solve(curvature[inner], slope[free])
        length = float(np.abs(step).max())
        if not 1e-11 < length < 1:
            break
        further, further_slope = objective(logs + step)
        if further > value + 1e-13:
            break
        logs, value, slope = logs + step, further, further_slope
        if length > 1e-3:
            curvature = _curvature(objective, logs)
    return logs, curvature


def _curvature(objective: Objective, logs: Floats) -> Floats:
    """Second derivatives, by central differences of the gradient."""
    gap = 1e-4
    rows = [
        (objective(logs + gap * unit)[1] - objective(logs - gap * unit)[1]) / (2 * gap)
        for unit in np.eye(len(logs))
    ]
    return (np.array(rows) + np.array(rows).T) / 2
