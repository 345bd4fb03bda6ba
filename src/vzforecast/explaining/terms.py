"""Terms of the model that can be taken out of its draws: leverage of a faction, couplings, codes of promises."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from vzforecast import latent
from vzforecast.case import Case
from vzforecast.explaining.fitted import Fitted
from vzforecast.history import Design, History
from vzforecast.latent import Array, Draws
from vzforecast.likelihood import lean_log_likelihood
from vzforecast.reweight.difference import with_rows

if TYPE_CHECKING:
    from vzforecast.simulate import Dynamics

# Standard deviation of a prior that is to say zero: a refit then has the parameter at 0 to the third digit.
_NARROW: Final = 1e-3


@dataclass(frozen=True, eq=False)
class Term:
    """One term, and what it touches.

    Attributes
    ----------
    name, kind : str
        As in the table of ``leave_out``.
    out_of : callable
        Takes draws and returns them without the term.
    law : callable
        Takes the law of the future, draws without the term and their design; returns the law without it.
    rows : callable
        Tells which event-history rows of a design read it.
    case : callable
        Takes a case and returns the one of which a fit does without it.
    leans : bool
        Whether leans read it, too.
    unfinished : bool
        Whether that fit still has a part of it: one prior stands for the doubts about the leverage of all factions, so
        that none of them can be said to be zero by itself.
    """

    name: str
    kind: str
    out_of: Callable[[Draws], Draws]
    law: Callable[["Dynamics", Draws, Design], "Dynamics"]
    rows: Callable[[Design], NDArray[np.bool_]]
    case: Callable[[Case], Case]
    leans: bool = False
    unfinished: bool = False

    def nats(self, fit: Fitted) -> Array:
        """Return by how much the log likelihood of all rows falls without the term.

        Parameters
        ----------
        fit : Fitted
            Draws and rows; no such term moves influence and tone.

        Returns
        -------
        ndarray, dims (sample,)
            Below 0 where the rows are likelier without.
        """
        rows = self.rows(fit.design)
        own, found = with_rows(fit.design, {"row": rows}), np.zeros(len(fit.draws["tau"]))
        if rows.any():
            found += (fit.events[:, rows] - fit.events_of(own, self.out_of)).sum(axis=1)
        if self.leans and fit.design.data["lean_category"].size:
            found += (fit.leans - lean_log_likelihood(self.out_of(fit.draws), own, fit.states)).sum(axis=1)
        return found


def terms_of(history: History) -> Iterator[Term]:
    """Yield the terms that a case has and does not leave out already.

    Parameters
    ----------
    history : History
        Its coordinates.

    Yields
    ------
    Term
        One a faction, one for all couplings, one a code of promises.
    """
    for place, faction in enumerate(history.factions if "influence" not in history.without else ()):
        priors = [f"leverage.{outcome}.{faction}" for outcome in history.outcomes]
        yield Term(
            name=f"leverage:{faction}",
            kind="leverage",
            out_of=partial(_without_label, ("leverage", "leverage_doubt"), place),
            law=_leveraged,
            rows=_of_outcomes,
            case=partial(_at_zero, priors),
            leans=True,
            unfinished=True,
        )
    if history.couplings and "coupling" not in history.without:
        yield Term("coupling", "coupling", _uncoupled, _lone, _coupled, lambda case: case.without("coupling"))
    for place, code in enumerate(history.covariates):
        out_of, rows = partial(_without_label, ("slope",), place), partial(_coded, place)
        yield Term(f"covariate:{code}", "covariate", out_of, _based, rows, partial(_at_zero, [f"slope.{code}"]))


def _without_label(variables: tuple[str, ...], place: int, draws: Draws) -> Draws:
    """Return draws in which variables are zero at one label of their last dim."""
    return {**draws, **{name: draws[name] * (np.arange(draws[name].shape[-1]) != place) for name in variables}}


def _uncoupled(draws: Draws) -> Draws:
    return {**draws, "coupling_effect": np.zeros_like(draws["coupling_effect"])}


# Of the law only what a term touches is made again: the rest is the same for all of them.
def _leveraged(law: "Dynamics", draws: Draws, _: Design) -> "Dynamics":
    return law.with_rates(leverage=latent.leverage(draws))


def _lone(law: "Dynamics", _: Draws, __: Design) -> "Dynamics":
    return law.with_rates(coupling=np.zeros_like(law.coupling))


def _based(law: "Dynamics", draws: Draws, design: Design) -> "Dynamics":
    return law.with_rates(log_rate=latent.base_log_rates(draws, design))


def _of_outcomes(design: Design) -> NDArray[np.bool_]:
    return np.asarray(design.data["row_own"] == 1.0)


def _coupled(design: Design) -> NDArray[np.bool_]:
    return np.asarray((design.data["row_coupling"] != 0.0).any(axis=0))


def _coded(place: int, design: Design) -> NDArray[np.bool_]:
    return np.asarray(design.data["row_covariate"][place] != 0.0)


def _at_zero(priors: list[str], case: Case) -> Case:
    """Return a case whose priors say that some parameters are zero."""
    for name in priors:
        case = case.with_prior(name, replace(case.prior_specs[name], mu=0.0, sigma=_NARROW, interval=None))
    return case
