"""ArviZ draws the posterior of a forecast as it is, with the names of its factions, outcomes and months."""

from pathlib import Path
from typing import Any

import pytest

import vzforecast as vz
from helpers.cases import skeleton
from helpers.synthetic import synthetic_forecast
from vzforecast.forecast import Forecast


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Forecast:
    path: Path = tmp_path_factory.mktemp("forecast") / "fc.nc"
    synthetic_forecast(skeleton(), "2024-04-15", draws=50, chains=2, paths=2).save(path)
    return vz.load_forecast(path)


@pytest.mark.parametrize("name", ["plot_dist", "plot_forest", "plot_trace"])
def test_arviz_draws_the_posterior(saved: Forecast, name: str) -> None:
    import arviz_plots  # noqa: PLC0415 - heavy, and needed here alone
    from matplotlib import pyplot as plt  # noqa: PLC0415 - it draws with it

    options: dict[str, Any] = {"var_names": ["rho", "leverage"], "backend": "matplotlib"}
    drawn = getattr(arviz_plots, name)(saved.posterior, **options)
    figure = drawn.viz["figure"].item()
    figure.canvas.draw()
    words = " ".join(text.get_text() for axes in figure.axes for text in [axes.title, *axes.texts])
    words += " ".join(label.get_text() for axes in figure.axes for label in axes.get_yticklabels())
    assert "proximity" in words
    assert "wardens" in words
    plt.close(figure)
