"""Information: a published network, closed forms, and the same numbers by Bayes' rule on a forecast's own update."""

from itertools import product

import numpy as np
import pytest

import vzforecast as vz
from helpers.synthetic import synthetic_forecast
from vzforecast.explaining.information import expected_shift, mutual_information, value_of
from vzforecast.forecast import Forecast

HALTED = "ever(deportation_flights = halted) by 2025-06-30"
LOST = "ever(chevron_licence = suspended) by 2025-06-01"


@pytest.fixture(scope="module")
def fc() -> Forecast:
    return synthetic_forecast(draws=500, paths=10, width=0.3)


def asia() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Probability of every state of the network of Lauritzen and Spiegelhalter (1988), and who is true in it."""

    def chance(value: bool, if_true: float) -> float:
        return if_true if value else 1.0 - if_true

    states, weight = [], []
    for state in product((True, False), repeat=7):
        visit, smoker, tuberculosis, cancer, bronchitis, xray, dyspnoea = state
        either = tuberculosis or cancer
        short = {(True, True): 0.9, (True, False): 0.7, (False, True): 0.8, (False, False): 0.1}[either, bronchitis]
        states.append(state)
        weight.append(
            chance(visit, 0.01)
            * chance(smoker, 0.5)
            * chance(tuberculosis, 0.05 if visit else 0.01)
            * chance(cancer, 0.1 if smoker else 0.01)
            * chance(bronchitis, 0.6 if smoker else 0.3)
            * chance(xray, 0.98 if either else 0.05)
            * chance(dyspnoea, short)
        )
    columns = ("visit", "smoking", "tuberculosis", "cancer", "bronchitis", "xray", "dyspnoea")
    return np.array(weight), dict(zip(columns, np.array(states).T, strict=True))


# Mutual information with dyspnoea in bits, recomputed from the published network to the digits shown (issue 5).
@pytest.mark.parametrize(
    ("about", "bits"),
    [
        ("bronchitis", 0.361561),
        ("smoking", 0.040451),
        ("cancer", 0.025382),
        ("xray", 0.015166),
        ("tuberculosis", 0.003973),
    ],
)
def test_information_about_dyspnoea_in_the_asia_network(about: str, bits: float) -> None:
    weight, true = asia()
    joint = np.array([[weight[(true[about] == a) & (true["dyspnoea"] == e)].sum() for e in (0, 1)] for a in (0, 1)])
    assert mutual_information(joint) == pytest.approx(bits, abs=5e-7)


def test_information_in_closed_form() -> None:
    """A channel that errs one time in ten carries 1 - H(0.1) bits; a certain answer the whole entropy; a coin none."""
    entropy = -0.1 * np.log2(0.1) - 0.9 * np.log2(0.9)
    assert mutual_information(np.array([[0.45, 0.05], [0.05, 0.45]])) == pytest.approx(1.0 - entropy)
    assert mutual_information(np.array([[0.9, 0.0], [0.0, 0.1]])) == pytest.approx(entropy)
    assert mutual_information(np.outer([0.2, 0.3, 0.5], [0.6, 0.4])) == pytest.approx(0.0, abs=1e-15)
    assert expected_shift(np.array([[0.9, 0.0], [0.0, 0.1]])) == pytest.approx(2 * 0.9 * 0.1)


def test_bias_of_the_plug_in_estimate_is_taken_out(fc: Forecast) -> None:
    """Three answers by a die, whatever the event: N draws of one path each see (A - 1)/(2 N ln 2) bits by chance."""
    random, draws, plain, corrected = np.random.default_rng(1), fc.simulated.draws, [], []
    for _ in range(200):
        tables = np.zeros((draws, 3, 2))
        tables[np.arange(draws), random.integers(3, size=draws), random.integers(2, size=draws)] = 1.0
        value = value_of(fc, tables)
        plain.append(mutual_information(tables.mean(axis=0)))
        corrected.append((value.bits, value.bits_mcse))
    bits, errors = np.array(corrected).T
    bias = 1.0 / (draws * np.log(2.0))
    assert np.mean(plain) == pytest.approx(bias, rel=0.2)
    assert np.median(errors) == pytest.approx(bias, rel=0.3)  # the standard deviation of chi squared (2) over 2 N ln 2
    assert np.mean(bits <= 2.0 * errors) > 0.9
    assert np.mean(np.maximum(np.array(plain) - bias, 0.0)) == pytest.approx(bits.mean(), rel=0.1)


def test_errors_are_the_scatter_over_replications(fc: Forecast) -> None:
    """Draws with a known joint law: the stated errors are those with which the estimates scatter about the truth."""
    random, draws = np.random.default_rng(2), fc.simulated.draws
    joint = np.array([[0.5, 0.1], [0.1, 0.3]])
    found = []
    for _ in range(200):
        tables = np.zeros((draws, 4))
        tables[np.arange(draws), random.choice(4, size=draws, p=joint.ravel())] = 1.0
        value = value_of(fc, tables.reshape(draws, 2, 2))
        found.append((value.bits, value.shift, value.after[0], value.bits_mcse, value.shift_mcse, value.after_mcse[0]))
    scatter, stated = np.std(found, axis=0)[:3], np.mean(found, axis=0)[3:]
    assert stated == pytest.approx(scatter, rel=0.2)
    truth = mutual_information(joint), expected_shift(joint), 1 / 6
    assert np.abs(np.mean(found, axis=0)[:3] - truth) == pytest.approx(np.zeros(3), abs=4 * scatter.max() / 200**0.5)


def test_an_item_moves_the_event_as_an_update_with_it_does(fc: Forecast) -> None:
    """What is said of an answer beforehand is what an update of the same draws gives, no time having passed."""
    item = vz.Signal(
        date=fc.as_of, kind="decision", strength=1, faction="hardliners", outcome="sanctions", lean="active"
    )
    line = vz.value_of_information(fc, [item], HALTED).answers.xs("hardliners, active", level="answer").iloc[0]
    updated = vz.update(fc, [item], "reweight").probability(HALTED).mean
    assert abs(updated - fc.probability(HALTED).mean) > line["after_mcse"]
    assert line["after"] == pytest.approx(updated, abs=0.1 * line["after_mcse"])  # smoothed weights differ in the tail


def test_a_path_question_is_a_conditional_probability(fc: Forecast) -> None:
    found = vz.value_of_information(fc, [HALTED], LOST).answers.loc[HALTED]
    assert found.loc["yes", "predictive"] == pytest.approx(fc.probability(HALTED).mean)
    assert found.loc["yes", "after"] == pytest.approx(fc.probability(LOST, given=HALTED).mean)
    assert found.loc["no", "after"] == pytest.approx(fc.probability(LOST, given=f"not {HALTED}").mean)
    given = fc.probability(LOST, given=HALTED)
    assert found.loc["yes", "after_mcse"] == pytest.approx(given.mcse, rel=0.1)
