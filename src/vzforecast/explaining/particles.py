"""Draws of a fit with futures of the months it did not know, so that any set of later rows only weighs them.

An update draws the later months of each draw given all that is known of them. Here sets of news are compared, so those
months are drawn from the model alone, once, and the same futures are weighted by the rows of every set.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np

from vzforecast import latent, names
from vzforecast.history import Design
from vzforecast.latent import Array, Draws
from vzforecast.latent_states import States
from vzforecast.likelihood import log_likelihood
from vzforecast.reweight.difference import difference
from vzforecast.reweight.futures import normals

FUTURES: Final = 8


@dataclass(frozen=True, eq=False)
class Particles:
    """Draws, each with several futures of the months after its fit; one future if there are no such months.

    Attributes
    ----------
    draws : mapping of str to ndarray
        Free variables of the model, leading dim ``sample``.
    periods : tuple of int
        Index of the period of the fit's as-of date, and of today's.
    influence_step, tone_step : ndarray, dims (sample, future, later period, label)
        Standard normal steps of the later months.
    """

    draws: Draws
    periods: tuple[int, int]
    influence_step: Array
    tone_step: Array

    @classmethod
    def of(cls, draws: Draws, design: Design, periods: tuple[int, int], seed: int) -> Self:
        """Draw the later months from the model; each faction and outcome has random numbers of its own."""
        months = range(periods[0] + 1, periods[1] + 1)
        shape = len(draws["tau"]), FUTURES if months else 1
        steps = (
            np.stack([normals(design, dim, shape, seed, month) for month in months], axis=2)
            if months
            else np.zeros((*shape, 0, len(design.coords[dim])))
            for dim in (names.FACTION, names.OUTCOME)
        )
        return cls(draws, periods, *steps)

    @property
    def shape(self) -> tuple[int, int]:
        """Draws, and futures of each."""
        return self.influence_step.shape[:2]

    def parts(self, parts: int) -> "list[Particles]":
        """Return the particles of each of several fits whose draws follow each other."""
        size = self.shape[0] // parts
        return [self._slice(slice(first, first + size)) for first in range(0, size * parts, size)]

    def _slice(self, own: slice) -> "Particles":
        draws = {name: values[own] for name, values in self.draws.items()}
        return Particles(draws, self.periods, self.influence_step[own], self.tone_step[own])

    def spread_out(self) -> dict[str, Array]:
        """Return a draw for every future, with the steps of the later months in it: what paths start from."""
        futures = self.shape[1]
        draws = {name: np.repeat(values, futures, axis=0) for name, values in self.draws.items()}
        months = slice(self.periods[0] + 1, self.periods[1] + 1)
        for name, steps in (("influence_step", self.influence_step), ("tone_step", self.tone_step)):
            draws[name][:, months] = steps.reshape(len(draws[name]), *steps.shape[2:])
        return draws

    def log_ratio(self, before: Design, now: Design) -> Array:
        """Return the log likelihood of the rows now less that of the rows before, dims (sample, future), in nats.

        Both may have rows of the later months, which are read on each future.
        """
        added, gone = difference(before, now, *self.periods), difference(now, before, *self.periods)
        fixed = self._total(added.new, None) - self._total(gone.new, None)
        total = np.repeat(fixed[:, None], self.shape[1], axis=1)
        for period, months in enumerate(zip(added.later, gone.later, strict=True), start=self.periods[0] + 1):
            new, old = (self._total(month, period) for month in months)
            total += new - old
        return total

    def _total(self, design: Design, period: int | None) -> Array:
        """Return the log likelihood of all rows: of one later month (sample, future), else (sample,)."""
        if not any(design.data[name].size for name in ("signal_favoured", "lean_category", "row_events")):
            return np.zeros(self.shape if period is not None else self.shape[:1])
        pointwise = log_likelihood(self.draws, design, self._states(design, period))
        return np.asarray(sum(values.sum(axis=-1) for values in pointwise.values()))

    def _states(self, design: Design, period: int | None) -> States:
        """Return influence and tone of one later month, else of all months of the draws; found once for a standing."""
        key = period, design.data["standing"].tobytes()
        if key not in self._found:
            self._found[key] = States.of(self.draws, design) if period is None else self._later(design, period)
        return self._found[key]

    @cached_property
    def _found(self) -> dict[tuple[int | None, bytes], States]:
        return {}

    def _later(self, design: Design, period: int) -> States:
        """Return influence and tone in one later month, dims (sample, future, 1, label)."""
        then, months = self.periods[0], period - self.periods[0]
        steps, standing = self.draws["influence_step"], design.data["standing"][:, period].astype(float)
        walked = steps[:, None, 1 : then + 1].sum(axis=2) + self.influence_step[:, :, :months].sum(axis=2)
        known = steps[:, 0] + np.einsum("sc,ck->sk", self.draws["rho"], standing)
        scale = known[:, None] + self.draws["tau"][:, None, None] * walked
        phi, past = design.persistence, {"tone_step": self.draws["tone_step"][:, : then + 1]}
        tone = latent.tone(past, design)[:, then][:, None]
        for month in range(months):
            tone = phi * tone + np.sqrt(1.0 - phi**2) * self.tone_step[:, :, month]
        return States(scale[:, :, None], tone[:, :, None], period)
