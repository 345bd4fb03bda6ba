"""Figures as people read them: whole percents, no false 0 or 100, a sign on every change."""

import math

import pytest

from vzforecast import figures


@pytest.mark.parametrize(
    ("probability", "shown"),
    [
        (0.0, "0 %"),
        (0.0004, "<0.1 %"),
        (0.0005, "0.1 %"),
        (0.0094, "0.9 %"),
        (0.0095, "1 %"),
        (0.3759, "38 %"),
        (0.9904, "99 %"),
        (0.9906, "99.1 %"),
        (0.9994, "99.9 %"),
        (0.9996, ">99.9 %"),
        (1.0, "100 %"),
        (math.nan, "-"),
    ],
    ids=str,
)
def test_percent(probability: float, shown: str) -> None:
    assert figures.percent(probability) == shown


def test_intervals() -> None:
    assert figures.percent_interval(0.0693, 0.7265) == "[7, 73]"
    assert figures.percent_interval(0.0, 1.0) == "[0, 100]"
    assert figures.percent_interval(math.nan, math.nan) == "-"
    assert figures.percent_with_interval(0.004, 0.00001, 0.0123) == "0.4 % [<0.1, 1]"
    assert figures.rate_interval(0.0312, 0.13) == "[0.031, 0.130]"
    assert figures.rate_interval(math.nan, math.nan) == "-"


@pytest.mark.parametrize(
    ("mcse", "shown"), [(0.0, "0"), (0.0002, "<0.1"), (0.0035, "0.4"), (0.012, "1.2"), (math.nan, "-")], ids=str
)
def test_monte_carlo_error(mcse: float, shown: str) -> None:
    assert figures.error(mcse) == shown


@pytest.mark.parametrize(
    ("difference", "shown"),
    [(0.0213, "+2.1"), (-0.1, "-10.0"), (0.0004, "0.0"), (-0.0004, "0.0"), (math.nan, "-")],
    ids=str,
)
def test_change(difference: float, shown: str) -> None:
    assert figures.change(difference) == shown


def test_rates() -> None:
    assert [figures.rate(value) for value in (0.0, 0.0001, 0.07149, 1.5, math.nan)] == [
        "0.000", "<0.001", "0.071", "1.500", "-"
    ]  # fmt: skip
    assert [figures.rate_change(value) for value in (0.0104, -0.0001, -0.02, math.nan)] == [
        "+0.010", "0.000", "-0.020", "-"
    ]  # fmt: skip
