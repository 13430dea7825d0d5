"""How long customers have been in their stages, month by month, as arrays. Belongs here: counting what dbt
counted into arrays, and the part of it that an origin knows. Does not belong here: forecasts
(`stages.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
NOWHERE = -1
LONGEST = 24  # months in a stage; longer is pooled


@dataclass(frozen=True, eq=False)
class Spells:
    """Customers of one lifecycle by the month-ends within each of their stage intervals.

    Attributes:
        stages: number of stages.
        months: number of whole months; month 0 is the first with a customer.
        stage: number of the stage.
        first, last: number of the first and the last month at whose end they were in it.
        following: number of the stage at the end of the month after `last`, which is the same where it was
            left and entered again; NOWHERE where that month is not over.
        is_new: whether they were in no stage before.
        count: customers.
    """

    stages: int
    months: int
    stage: Whole
    first: Whole
    last: Whole
    following: Whole
    is_new: NDArray[np.bool_]
    count: Floats

    @cached_property
    def held(self) -> Floats:
        """(months, stages, tenures): customers at the end of a month by the months since they entered the
        stage."""
        found = np.zeros((self.months, self.stages, LONGEST + 1))
        for month in range(self.months):
            here = (self.first <= month) & (self.last >= month)
            tenure = np.minimum(month - self.first[here], LONGEST)
            np.add.at(found[month], (self.stage[here], tenure), self.count[here])
        return found

    @cached_property
    def moved(self) -> Floats:
        """(months, stages, tenures, stages): customers who were in another stage at the end of the next
        month."""
        found = np.zeros((self.months, self.stages, LONGEST + 1, self.stages))
        gone = (self.following != NOWHERE) & (self.last < self.months - 1)
        tenure = np.minimum(self.last - self.first, LONGEST)[gone]
        np.add.at(
            found,
            (self.last[gone], self.stage[gone], tenure, self.following[gone]),
            self.count[gone],
        )
        return found

    @cached_property
    def arrived(self) -> Floats:
        """(stages, months): customers who were in no stage at the end of the month before."""
        found = np.zeros((self.stages, self.months))
        np.add.at(
            found, (self.stage[self.is_new], self.first[self.is_new]), self.count[self.is_new]
        )
        return found

    @cached_property
    def populations(self) -> Floats:
        """(stages, months): customers at the end of each month."""
        return np.ascontiguousarray(self.held.sum(axis=2).T)
