"""All cross-checks of a case: each declaration, prior and row against the others."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from vzforecast.case.schema import CaseSpec
from vzforecast.case.structure import coupling_ids, required_priors
from vzforecast.errors import Fault
from vzforecast.priors import PriorSpec


@dataclass(frozen=True, slots=True)
class Parts:
    """What could be read of a case.

    Attributes
    ----------
    spec : CaseSpec or None
        Declarations, if they could be read.
    priors : mapping of str to PriorSpec or None, or None
        Priors by id, None for one that has faults; None altogether if the file could not be read.
    tables : mapping of str to pandas.DataFrame
        The tables that could be read.
    complete : frozenset of str
        Names of the tables read without a fault: what is not in one of these is nowhere.
    whole : bool
        False for a case cut to a day, in which what came later is rightly missing.
    """

    spec: CaseSpec | None
    priors: Mapping[str, PriorSpec | None] | Mapping[str, PriorSpec] | None
    tables: Mapping[str, pd.DataFrame]
    complete: frozenset[str]
    whole: bool = True


def find_faults(parts: Parts) -> list[Fault]:
    """Return every contradiction between the parts of a case that could be read.

    Parameters
    ----------
    parts : Parts
        What could be read.

    Returns
    -------
    list of Fault
        All of them, in no order.
    """
    faults: list[Fault] = []
    if parts.priors is not None and parts.spec is not None:
        known = {*required_priors(parts.spec), *coupling_ids(parts.spec)}
        for prior_id in parts.priors:
            if prior_id not in known:
                faults.append(Fault("priors.toml", prior_id, "", "the case needs no such prior", "remove it"))
    return faults
