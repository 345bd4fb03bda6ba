"""Calibration: blocks, bands, and what luck alone does."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from scipy.optimize import isotonic_regression

import vzforecast as vz
from helpers.figures import drawn, texts
from vzforecast.errors import ScoreError, SettingsError
from vzforecast.plots.canvas import SOURCE
from vzforecast.scoring import calibration, recalibrated
from vzforecast.scoring.consistency import consistency_band
from vzforecast.scoring.judged import read_judged

SAID = np.array([0.1, 0.3, 0.5, 0.7, 0.9])


def table(p: np.ndarray, y: np.ndarray, question: np.ndarray | None = None) -> pd.DataFrame:
    asked = pd.DataFrame({"question": np.arange(p.size) if question is None else question})
    days = pd.Timestamp("2025-01-01") + pd.to_timedelta(asked.groupby("question").cumcount(), unit="D")
    return asked.assign(probability=p, resolution=y, as_of=days)


def happened(p: np.ndarray, seed: int) -> np.ndarray:
    return (np.random.default_rng(seed).random(p.size) < p).astype(int)


def test_blocks() -> None:
    found = calibration(table(np.array([0.1, 0.2, 0.3, 0.4, 0.9]), np.array([0, 1, 0, 1, 1])))
    assert found.table.columns.tolist() == ["lowest", "highest", "forecast", "n", "observed", "lower", "upper"]
    assert found.table[["lowest", "highest", "n", "observed"]].to_numpy().tolist() == [
        [0.1, 0.1, 1, 0.0],
        [0.2, 0.3, 2, 0.5],
        [0.4, 0.9, 2, 1.0],
    ]
    assert found.table["forecast"].tolist() == pytest.approx([0.1, 0.25, 0.65])
    assert found.curve["calibrated"].tolist() == [0.0, 0.5, 0.5, 1.0, 1.0]
    assert found.curve["n"].sum() == found.n == found.questions == 5


def test_the_overconfident_are_found_and_the_calibrated_are_not() -> None:
    truth = np.random.default_rng(1).beta(2, 2, 400)
    y = happened(truth, 2)
    odds = (truth / (1 - truth)) ** 3  # log-odds three times too far out
    honest, loud = calibration(table(truth, y)), calibration(table(odds / (1 + odds), y))
    assert honest.by_chance > 0.05
    assert loud.by_chance < 0.01
    assert loud.parts.miscalibration > 2 * honest.parts.miscalibration
    assert loud.parts.discrimination == pytest.approx(honest.parts.discrimination)  # the order is the same
    # Too high where high, too low where low.
    too_low, too_high = loud.table["observed"] > loud.table["upper"], loud.table["observed"] < loud.table["lower"]
    assert loud.table.loc[too_low, "forecast"].max() < 0.5 < loud.table.loc[too_high, "forecast"].min()
    assert "outside" in loud.text


def test_the_band_holds_calibrated_records_at_its_rate() -> None:
    p = np.repeat(SAID, 80)
    curve = calibration(table(p, happened(p, 3)), seed=4).curve
    yes = np.random.default_rng(5).binomial(80, SAID, size=(4_000, 5)) / 80
    fits = np.stack([isotonic_regression(row).x for row in yes])
    inside = (fits >= curve["lower"].to_numpy()) & (fits <= curve["upper"].to_numpy())
    assert inside.mean(axis=0).min() > 0.87
    assert inside.mean(axis=0).max() < 0.955  # shares of eighty come in steps
    assert curve.index.to_numpy() == pytest.approx(SAID)


def test_luck_is_uniform_for_the_calibrated() -> None:
    p = np.repeat(SAID, 12)
    chances = []
    for seed in range(60):
        judged = read_judged(table(p, happened(p, seed)))
        record = judged.record(judged.names[0])
        chances.append(consistency_band(record, recalibrated(record.probability, record.resolution), 1).by_chance)
    assert np.mean(chances) == pytest.approx(0.5, abs=0.13)  # three and a half standard errors
    assert 0.0 < np.mean(np.array(chances) < 0.1) < 0.25


def test_a_question_asked_often_is_one() -> None:
    p = np.repeat(SAID, 10)
    y = np.repeat([0, 0, 1, 1, 1], 10)
    apart, together = calibration(table(p, y)), calibration(table(p, y, question=p))
    width = [float((found.curve["upper"] - found.curve["lower"]).mean()) for found in (apart, together)]
    assert width[1] > 2 * width[0]
    assert (together.n, together.questions, together.blocks) == (50, 5, 5)
    assert together.table[["n", "observed"]].equals(apart.table[["n", "observed"]])


def test_many_forecasts_are_shown_by_neighbours() -> None:
    p = np.random.default_rng(6).random(3_000)
    found = calibration(table(p, happened(p, 7)))
    assert len(found.curve) == 500
    assert found.curve["n"].sum() == found.table["n"].sum() == 3_000
    assert found.curve["calibrated"].is_monotonic_increasing
    assert found.by_chance > 0.01


def test_chances_are_written_without_powers_of_ten() -> None:
    sure = calibration(table(np.full(4, 0.5), np.array([0, 1, 0, 1])))
    assert sure.by_chance == 1.0
    for chance, said in ((1.0, "100 %"), (0.994, "99 %"), (0.0999, "10 %"), (0.0231, "2.3 %"), (0.000999, "0.1 %")):
        words = f"Luck gives calibrated forecasters this much miscalibration in {said} of records"
        assert words in dataclasses.replace(sure, by_chance=chance).text


def test_a_seed_that_cannot_be_is_refused() -> None:
    with pytest.raises(SettingsError, match="seed is -1; give a whole number"):
        calibration(table(SAID, happened(SAID, 1)), seed=-1)


def test_whose_forecasts() -> None:
    rows = table(SAID, happened(SAID, 1))
    both = pd.concat([rows.assign(forecaster="model"), rows.assign(forecaster="market")])
    assert calibration(both, "market").forecaster == "market"
    with pytest.raises(ScoreError, match=r"several are in the table; choose one of market, model"):
        calibration(both)
    with pytest.raises(ScoreError, match=r"forecaster \('modal'\): not in the table; did you mean model\?"):
        calibration(both, "modal")
    with pytest.raises(ScoreError, match="nothing of market is resolved"):
        calibration(both.assign(resolution=np.nan), "market")


def test_a_report_is_frozen_and_says_what_n_shows() -> None:
    rows = table(SAID, np.array([0, 0, 1, 1, 1])).assign(resolution=[0, 0, 1, 1, None])
    found = calibration(rows)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.n = 6  # type: ignore[misc]
    assert str(found) == found.text
    assert "forecaster: 4 forecasts of 4 questions" in found.text
    assert "from 4 questions a share of yes near one half is known to 41 points either way" in found.text
    assert "Left out, as the resolution is blank: 1 forecast." in found.text


def test_the_diagram_shows_curve_band_counts_and_n() -> None:
    p = np.repeat(SAID, 20)
    found = calibration(table(p, happened(p, 9)))
    figure = vz.plot.reliability(found)
    axes, counts = figure.axes[0], figure.axes[0].child_axes[0]
    curve = axes.get_lines()[1]
    assert np.asarray(curve.get_xdata()) == pytest.approx(SAID)
    assert np.asarray(curve.get_ydata()) == pytest.approx(found.curve["calibrated"].to_numpy())
    band = axes.collections[0].get_paths()[0].vertices
    assert band[:, 1].max() == pytest.approx(found.curve["upper"].max())
    assert sum(bar.get_height() for bar in counts.patches) == 100
    assert (axes.get_ylabel(), counts.get_xlabel()) == ("Share that happened", "Probability that was said")
    assert "100 forecasts of 100 questions" in axes.get_title()
    (said,) = texts(counts, SOURCE)
    rest = "100 forecasts resolved, 0 not yet; 100 blocks by question; 1,000 simulated records, seed 1"
    assert said.get_text() == rest
    drawn(figure)
    assert 0.0 <= said.get_window_extent().y0 < said.get_window_extent().y1 < counts.xaxis.label.get_window_extent().y0
    assert said.get_window_extent().x1 <= figure.bbox.width
    assert plt.get_fignums() == []  # nothing is left open, nothing will be shown
    mine = plt.figure()
    assert vz.plot.reliability(found, ax=mine.subplots()) is mine
    plt.close(mine)


def test_the_name_of_a_forecaster_is_no_formula() -> None:
    rows = table(SAID, np.array([0, 0, 1, 1, 1])).assign(forecaster="$desk$ & " + "x" * 80)
    figure = vz.plot.reliability(calibration(rows))
    assert figure.axes[0].get_title().startswith(r"\$desk\$ &")
    drawn(figure)


def test_the_diagram_of_one_forecast_has_a_band_too() -> None:
    found = calibration(table(np.full(10, 0.5), np.array([0, 1] * 5)))
    box = vz.plot.reliability(found).axes[0].collections[0].get_datalim(vz.plot.reliability(found).axes[0].transData)
    assert box.width > 0.0
