"""Cases with as little in them as there may be, through every explanation and its figure; what is less is refused."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import matplotlib.pyplot as plt
import numpy as np
import pytest

import vzforecast as vz
from helpers.cases import skeleton, with_tables, without_couplings
from helpers.evidence import item
from helpers.synthetic import synthetic_forecast
from vzforecast.case import load_case, new_case
from vzforecast.forecast import Forecast

BROKEN: Final = "ever(fishing_truce = broken) by 2024-12-31"
AS_OF: Final = "2024-04-15"


@pytest.fixture(autouse=True)
def figures_are_closed() -> Iterator[None]:
    yield
    plt.close("all")


@cache
def bare() -> Forecast:
    """Two factions, no news, no promise, no coupling: priors, posts and a few spells."""
    tables = {name: skeleton().tables[name].iloc[:0] for name in ("news", "commitments", "actions", "markets")}
    return synthetic_forecast(with_tables(without_couplings(), **tables), AS_OF, draws=200, chains=2, paths=4)


def test_one_faction_is_refused_when_the_case_is_read(tmp_path: Path) -> None:
    """Shares of influence are shares among factions: of one alone there is nothing to learn or to explain."""
    folder = new_case(tmp_path / "case")
    declared = (folder / "case.toml").read_text(encoding="utf-8")
    start, end = declared.index('[[factions]]\nid = "traders"'), declared.index("# --- Outcomes")
    (folder / "case.toml").write_text(declared[:start] + declared[end:], encoding="utf-8")
    with pytest.raises(vz.CaseError) as caught:
        load_case(folder)
    assert "case.toml: factions: too few entries; give at least 2" in map(str, caught.value.faults)


def test_by_faction_of_two_factions_without_news() -> None:
    found = vz.by_faction(bare(), BROKEN)
    assert found.table["on_top"].sum() == pytest.approx(1.0)
    assert found.signals.empty
    assert "wardens on top" in found.text


def test_by_record_without_a_record() -> None:
    found = vz.by_record(bare(), BROKEN)
    assert found.agreements.empty
    assert found.rates.index.get_level_values("level").tolist() == []
    assert "first breach of" in found.text


def test_what_it_rests_on_without_most_of_it() -> None:
    found = vz.leave_out(bare(), BROKEN, refit=False)
    assert not {"record", "coupling", "partial:kept"} & set(found.table.index)
    assert {"leverage:wardens", "leverage:traders"} <= set(found.table.index)
    assert found.table["path"].ne("").any()
    assert found.text.startswith(BROKEN)


def test_which_priors_it_hangs_on_where_there_are_few_rows() -> None:
    found = vz.sensitivity(bare(), BROKEN)
    assert found.tornado["low_points"].notna().any()
    assert np.isfinite(found.power.loc[("likelihood", "all"), "points"])
    assert vz.plot.tornado(found).axes


def test_what_would_move_it_without_news() -> None:
    found = vz.value_of_information(bare(), None, BROKEN)
    assert found.table["bits"].ge(0.0).all()
    assert len(vz.plot.information(found).axes[0].patches) == min(10, len(found.table))


def test_what_moved_it_without_rows_before() -> None:
    later = vz.update(bare(), [item("signal", id="s", date="2024-04-18", faction="wardens")], method="reweight")
    move = vz.explain(bare(), later, BROKEN)
    assert move.items["points"].sum() == pytest.approx(move.points, abs=1e-9)
    assert vz.plot.move(move).axes
