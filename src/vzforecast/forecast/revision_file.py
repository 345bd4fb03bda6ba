"""A revision as JSON, for the file of a forecast."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vzforecast.case import Case
from vzforecast.evidence import KINDS, Evidence
from vzforecast.forecast.revision import ITEM_COLUMNS, QUOTE_COLUMNS, Revision, UpdateReport
from vzforecast.history import Known, Places


def write_revision(revision: Revision) -> str:
    """Return everything but the weights, which are an array.

    Parameters
    ----------
    revision : Revision
        Of an updated forecast.

    Returns
    -------
    str
        JSON.
    """
    report = revision.report
    figures = {name: getattr(report, name) for name in ("method", "draws", "seconds", "why", "fitted")}
    document = {
        "basis": revision.basis.case.to_payload(),
        "files": None if revision.files is None else revision.files.to_payload(),
        "places": None if revision.basis.places is None else asdict(revision.basis.places),
        "fitted": [_record(item) for item in revision.fitted],
        "since": [_record(item) for item in revision.since],
        "ratios": dict(revision.ratios),
        # JSON knows no NaN and no infinity
        "report": {**figures, "khat": repr(report.khat), "ess": repr(report.ess)},
        "items": report.items.reset_index().to_dict(orient="list"),
        "quotes": report.quotes.reset_index().to_dict(orient="list"),
    }
    return json.dumps(document)


def read_revision(text: str, known: Known, weights: NDArray[np.float64] | None) -> Revision:
    """Rebuild a revision from what `write_revision` gave, what is known now, and the weights.

    Raises
    ------
    KeyError, TypeError, ValueError
        It is something else.
    """
    document = json.loads(text)
    figures = document["report"]
    report = UpdateReport(
        **{**figures, "khat": float(figures["khat"]), "ess": float(figures["ess"])},
        items=_table(document["items"], ITEM_COLUMNS),
        quotes=_table(document["quotes"], QUOTE_COLUMNS),
    )
    return Revision(
        basis=Known(Case.from_payload(document["basis"]), _places(document["places"])),
        known=known,
        fitted=tuple(_item(record) for record in document["fitted"]),
        since=tuple(_item(record) for record in document["since"]),
        ratios={str(key): float(value) for key, value in document["ratios"].items()},
        draw_weights=weights,
        report=report,
        files=None if document["files"] is None else Case.from_payload(document["files"]),
    )


def _places(labels: Mapping[str, list[str]] | None) -> Places | None:
    return None if labels is None else Places(**{dim: tuple(names) for dim, names in labels.items()})


def _record(item: Evidence) -> dict[str, Any]:
    return {"type": item.type, **item.model_dump(mode="json")}


def _item(record: Mapping[str, Any]) -> Evidence:
    return KINDS[record["type"]](**{key: value for key, value in record.items() if key != "type"})


def _table(columns: Mapping[str, list[Any]], expected: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns, columns=["id", *expected]).set_index("id")
