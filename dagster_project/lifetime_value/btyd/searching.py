"""The search for the highest likelihood, in the logarithms of the parameters. Belongs here: the
optimisation. Does not belong here: what the parameters mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from dagster_project.lifetime_value.btyd.cells import Floats

BOUND = 11.0  # bound of the logarithms, in the units of the search
NEAR_BOUND = 0.5
NEWTON_STEPS = 12
DAMPINGS = (0.0, 1e-4, 1e-3, 1e-2)
RIDGE = 1e-5  # a mean log-likelihood less by this counts as equal where a search did not converge
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
    found = _searched(objective, starts, np.full(len(ends_at), -BOUND), ends_at)
    limited = ends_at < BOUND
    if not found.has_converged and limited.any():
        # Along a ridge slopes are too small to follow: it is searched from its end.
        at_end = np.where(limited, ends_at, found.logs)
        pinned = _searched(objective, [at_end], np.where(limited, ends_at, -BOUND), ends_at)
        if objective(pinned.logs)[0] <= objective(found.logs)[0] + RIDGE:
            return replace(pinned, iterations=found.iterations + pinned.iterations)
    return found


def _searched(
    objective: Objective, starts: Sequence[Floats], begin_at: Floats, ends_at: Floats
) -> Optimum:
    ends = [
        optimize.minimize(
            objective,
            np.clip(start, begin_at, ends_at),
            jac=True,
            method="L-BFGS-B",
            bounds=list(zip(begin_at, ends_at, strict=True)),
            options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-7},
        )
        for start in starts
    ]
    best = min(ends, key=lambda end: float(end.fun))
    logs, free, curvature = _refined(objective, np.array(best.x), ends_at)
    inner = np.ix_(free, free)
    inverse = np.zeros_like(curvature)
    is_curved = _is_curved(curvature[inner])
    if is_curved:
        inverse[inner] = np.linalg.inv(curvature[inner])
    is_flat = bool((np.abs(objective(logs)[1][free]) < FLAT).all())
    steps = sum(int(end.nit) for end in ends)
    return Optimum(logs, (inverse + inverse.T) / 2, free, is_flat and is_curved, steps)


def _free(logs: Floats, ends_at: Floats) -> NDArray[np.bool_]:
    """Which parameters are not at the end of their range."""
    high = np.where(ends_at < BOUND, ends_at - 1e-9, BOUND - NEAR_BOUND)
    result: NDArray[np.bool_] = (logs > NEAR_BOUND - BOUND) & (logs < high)
    return result


def _is_curved(curvature: Floats) -> bool:
    return bool(len(curvature)) and bool(np.linalg.eigvalsh(curvature)[0] > 0)


def _refined(
    objective: Objective, logs: Floats, ends_at: Floats
) -> tuple[Floats, NDArray[np.bool_], Floats]:
    """Newton steps in the free parameters, damped until they lead downhill (Levenberg and Marquardt): along a
    ridge the search itself ends early. Returns where they end, which parameters are free there, and the
    curvature."""
    curvature, (value, slope) = _curvature(objective, logs), objective(logs)
    for _ in range(NEWTON_STEPS):
        free = _free(logs, ends_at)
        for damping in DAMPINGS:
            step = _step(curvature, slope, free, damping)
            further_logs = logs if step is None else np.clip(logs + step, -BOUND, ends_at)
            further, further_slope = objective(further_logs)
            if step is not None and further <= value + 1e-13:
                break
        else:
            break
        length = float(np.abs(further_logs - logs).max())
        logs, value, slope = further_logs, further, further_slope
        if length < 1e-11:
            break
        if length > 1e-3:
            curvature = _curvature(objective, logs)
    return logs, _free(logs, ends_at), curvature


def _step(
    curvature: Floats, slope: Floats, free: NDArray[np.bool_], damping: float
) -> Floats | None:
    """A damped step; None where it would lead uphill or beyond what the curvature can know."""
    damped = curvature[np.ix_(free, free)] + damping * np.eye(int(free.sum()))
    if not _is_curved(damped):
        return None
    step = np.zeros_like(slope)
    step[free] = -np.linalg.solve(damped, slope[free])
    return step if np.abs(step).max() < 1 else None


def _curvature(objective: Objective, logs: Floats) -> Floats:
    """Second derivatives, by central differences of the gradient."""
    gap = 1e-4
    rows = [
        (objective(logs + gap * unit)[1] - objective(logs - gap * unit)[1]) / (2 * gap)
        for unit in np.eye(len(logs))
    ]
    return (np.array(rows) + np.array(rows).T) / 2
