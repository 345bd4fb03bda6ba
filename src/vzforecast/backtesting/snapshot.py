"""What is kept of one as-of date: plain values, said before anybody knew how it would end."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Self


@dataclass(frozen=True)
class Snapshot:
    """What was said on one day. Nothing in it depends on anything learnt later.

    Attributes
    ----------
    as_of : str
        The day, ISO.
    questions : list of dict
        Of each question open then: ``question``, ``text``, ``event``, ``horizon`` (ISO), ``probability``, ``lower``,
        ``upper``, ``mcse``, ``why_not``, and what the references say: ``persistence``, ``market`` (NaN if nothing).
    base_rate : float
        Share of yes among questions whose horizon had passed by then, (yes + 1) / (n + 2).
    scenarios : list of dict
        ``by`` (ISO), ``scenario``, ``probability``, ``lower``, ``upper``, ``mcse``.
    passages : dict of str to list of float
        By outcome: the probability that its next change comes on the first, second, ... day after the as-of date; the
        last is that it does not come by the horizon.
    method : {"fit", "refit", "move", "reweight", "none"}
        How the forecast came about: a fit of the day, an update by any of its paths, or an earlier fit left as it was.
    khat, ess : float
        Of an update; NaN if weights were not tried.
    ok : bool
        Whether its draws passed their diagnostics.
    fit_time, pred_time : float
        Wall seconds of the forecast and of what was asked of it.
    provenance : dict
        Of the forecast: ``fitted`` (as-of date of the draws), settings, seed, versions, digests, seconds,
        ``diagnostics``.
    """

    as_of: str
    questions: list[dict[str, Any]]
    base_rate: float
    scenarios: list[dict[str, Any]]
    passages: dict[str, list[float]]
    method: str
    khat: float
    ess: float
    ok: bool
    fit_time: float
    pred_time: float
    provenance: dict[str, Any]

    @property
    def day(self) -> date:
        """The as-of date."""
        return date.fromisoformat(self.as_of)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name, for a file."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild a snapshot from `to_dict`.

        Raises
        ------
        TypeError
            Fields are missing, or there are others.
        """
        return cls(**values)
