"""Which two forecasts a move ledger lies between: the same twice, in order, of one case; all else is refused."""

from dataclasses import replace
from functools import cache

import matplotlib.pyplot as plt
import pytest

import vzforecast as vz
from helpers.cases import skeleton
from helpers.evidence import EVENT
from helpers.synthetic import synthetic_forecast
from vzforecast.forecast import Forecast


@cache
def island(as_of: str = "2024-04-15", name: str = "two-islands") -> Forecast:
    case = replace(skeleton(), spec=skeleton().spec.model_copy(update={"name": name}))
    return synthetic_forecast(case, as_of, draws=200, chains=2, paths=4)


def test_the_same_forecast_twice_did_not_move() -> None:
    move = vz.explain(island(), island(), EVENT)
    assert move.items["points"].tolist() == pytest.approx([0.0])
    assert not move.items["clear"].any()
    assert move.text.endswith(": no change.")
    bars = vz.plot.move(move).axes[0].patches
    assert [bar.get_width() for bar in bars] == pytest.approx([0.0])
    plt.close("all")


def test_a_later_forecast_comes_second() -> None:
    later = vz.update(island(), as_of="2024-04-20", method="reweight")
    with pytest.raises(vz.DateError) as caught:
        vz.explain(later, island(), EVENT)
    assert str(caught.value) == "the second forecast is as of 2024-04-15, before the first, 2024-04-20; swap them"
    assert vz.explain(island(), later, EVENT).days == (island().as_of, later.as_of)


@pytest.mark.parametrize("names", [("two-islands", "two-harbours"), ("two-harbours", "two-islands")])
def test_forecasts_of_two_cases_have_nothing_between_them(names: tuple[str, str]) -> None:
    one, other = (island(name=name) for name in names)
    with pytest.raises(vz.ExplainError) as caught:
        vz.explain(one, other, EVENT)
    assert str(caught.value) == (
        f"the first forecast is of case {names[0]!r}, the second of {names[1]!r}; take two of one case"
    )
