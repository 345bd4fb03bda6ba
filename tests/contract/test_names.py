"""The output contract, written out once more: whoever renames one of these breaks users and must come past here."""

import dataclasses
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import vzforecast as vz
from helpers.cases import embedded, skeleton
from helpers.synthetic import DIMS, synthetic_forecast
from vzforecast import names
from vzforecast.backtesting import tables
from vzforecast.checking import SimulationCheck, loo, posterior_check, prior_predictive
from vzforecast.checking.ranks import Ranks
from vzforecast.evidence import KINDS, Signal
from vzforecast.evidence_log import EvidenceLog
from vzforecast.forecast import FirstPassage, Forecast
from vzforecast.model import build_model
from vzforecast.plots import canvas

CONSTANTS: dict[str, Any] = {
    "DAYS_PER_MONTH": 30.4375,
    "INTERVAL_MASS": 0.90,
    "LOWER_QUANTILE": 0.05,
    "UPPER_QUANTILE": 0.95,
    "CHAIN": "chain",
    "WEIGHT": "weight",
    "DRAW": "draw",
    "PATH": "path",
    "DATE": "date",
    "PERIOD": "period",
    "SCORE": "score",
    "FACTION": "faction",
    "OUTCOME": "outcome",
    "TRANSITION": "transition",
    "PROCESS": "process",
    "GROUPING": "grouping",
    "LEVEL": "level",
    "COVARIATE": "covariate",
    "COUPLING": "coupling",
    "SIGNAL_KIND": "signal_kind",
    "BEARING": "bearing",
    "SIGNAL": "signal",
    "LEAN_ITEM": "lean_item",
    "ROW": "row",
    "FAVOURED": "favoured",
    "LEAN": "lean",
    "EVENTS": "events",
    "ONSET": "onset",
    "RECOVERY": "recovery",
    "TRANSITIONS": ("onset", "recovery"),
    "SCORES": ("office", "proximity"),
    "SWITCHES": ("coupling", "influence", "tone"),
    "TERMS": ("coupling", "influence", "tone", "defection", "schedule"),
    "LEANS": ("rest", "neither", "active"),
    "BEARINGS": ("easing", "neither", "worsening"),
    "POSTERIOR": "posterior",
    "SAMPLE_STATS": "sample_stats",
}
VARIABLES = {
    "rho": ("score",),
    "tau": (),
    "influence_step": ("period", "faction"),
    "log_kappa": ("signal_kind",),
    "bearing_effect": ("bearing", "faction"),
    "tone_step": ("period", "outcome"),
    "lambda": (),
    "cutpoint": (),
    "leverage": ("outcome", "faction"),
    "leverage_doubt": ("outcome", "faction"),
    "delta": ("transition", "outcome"),
    "psi": (),
    "log_rate": ("process",),
    "spread": ("grouping",),
    "level_offset": ("level",),
    "slope": ("covariate",),
    "coupling_effect": ("coupling",),
}
COORDS = {
    "period": tuple(f"2025-{month:02d}-01" for month in range(1, 13)),
    "score": ("office", "proximity"),
    "faction": ("hardliners", "engagement", "oil"),
    "outcome": (
        "chevron_licence",
        "sanctions",
        "deportation_flights",
        "detained_americans",
        "maduro_exit",
        "formal_relief",
        "american_freed",
        "oil_licence_published",
        "rubio_secretary",
        "waltz_adviser",
        "claver_carone_envoy",
    ),
    "transition": ("onset", "recovery"),
    "bearing": ("easing", "neither", "worsening"),
    "covariate": ("regime_threat", "relief_at_stake"),
    "process": (
        "defection_one_off",
        "defection_flow",
        "licence",
        "licence_restored",
        "pressure",
        "sanctions_lifted",
        "flights_resumed",
        "releases_resumed",
        "leader_exit",
        "leader_return",
        "relief",
        "relief_withdrawn",
        "releases",
        "oil_licences",
        "post_left",
        "post_regained",
    ),
    "grouping": (
        "defection.kind",
        "defection.agreement",
        "licence.series",
        "licence.administration",
        "pressure.president",
        "pressure.administration",
        "flights_resumed.level",
        "flights_resumed.group",
        "leader_exit.level",
        "relief.president",
        "relief.administration",
        "post_left.level",
        "post_left.group",
    ),
}
# Fields of every kind of evidence beside those that all have: parameters in Python, columns and keys in files.
COMMON_FIELDS = ["id", "date", "published", "headline", "source", "confidence", "note"]
EVIDENCE = {
    "signal": ["kind", "strength", "faction", "outcome", "lean", "episode", "actor", "is_decision"],
    "transition": ["outcome", "to", "episode"],
    "commitment_resolved": [
        *("commitment", "result", "first_breach", "agreement", "kind", "form", "regime_threat", "relief_at_stake"),
        *("signed", "own_history_of"),
    ],
    "licence_decision": [
        *("licence", "decision", "new_expiry", "version", "series", "scope", "self_renewing", "own_history_of"),
    ],
    "action": ["direction", "kind", "severity", "sectoral", "instrument", "own_history_of"],
    "scheduled_decision": ["outcome", "due", "kind"],
    "appointment": ["actor", "office", "proximity", "salience", "faction", "role"],
    "departure": ["actor"],
    "likelihood_judgement": ["event", "ratio"],
    "probability_judgement": ["event", "probability"],
    "market_quote": ["event", "probability", "platform", "weight"],
}
SCENARIOS = ["transition", "detente", "maximum_pressure", "deal_collapses", "two_track", "other"]
ESTIMATE = ["probability", "lower", "upper", "mcse"]


@pytest.fixture(scope="module")
def fc() -> Forecast:
    return synthetic_forecast(embedded(), "2025-02-05", draws=50, paths=4)


def test_constants() -> None:
    public = {name: value for name, value in vars(names).items() if name.isupper()}
    assert public == CONSTANTS


def test_label_of_a_level() -> None:
    assert names.level("licence.series", "GL 41") == "licence.series:GL 41"


def test_intervals_are_central() -> None:
    assert pytest.approx(names.INTERVAL_MASS) == names.UPPER_QUANTILE - names.LOWER_QUANTILE
    assert pytest.approx(1 - names.UPPER_QUANTILE) == names.LOWER_QUANTILE


def test_variables_and_dims_of_the_model(fc: Forecast) -> None:
    model = build_model(fc.design)
    dims = {name: tuple(map(str, own)) for name, own in model.named_vars_to_dims.items()}
    assert {variable.name: dims.get(variable.name, ()) for variable in model.free_RVs} == VARIABLES
    assert [variable.name for variable in model.observed_RVs] == ["favoured", "events", "lean"]
    assert dict(DIMS) == VARIABLES  # what tests take for a posterior


def test_variables_dims_and_coords_of_the_posterior(fc: Forecast) -> None:
    posterior = fc.posterior["posterior"]
    computed = {"influence": ("period", "faction")}
    assert {str(name): array.dims for name, array in posterior.data_vars.items()} == {
        name: ("chain", "draw", *dims) for name, dims in (VARIABLES | computed).items()
    }
    for dim, labels in COORDS.items():
        assert tuple(posterior[dim].to_numpy()) == labels
    kinds = posterior["signal_kind"].to_numpy().tolist()
    assert kinds[0] == "statement"
    assert kinds[-8:] == [f"spare {number}" for number in range(1, 9)]
    levels = posterior["level"].to_numpy().tolist()
    assert "licence.series:GL 41" in levels
    assert "defection.agreement:grenell_jan2025" in levels
    assert "relief.administration:spare 6" in levels
    assert "onset.chevron_licence.deportation_flights" in posterior["coupling"].to_numpy().tolist()
    assert set(fc.posterior) == {"posterior", "sample_stats"}


def test_influence_shares_sum_to_one(fc: Forecast) -> None:
    total = fc.posterior["posterior"]["influence"].sum("faction")
    assert total.to_numpy() == pytest.approx(1.0)


def test_fields_of_evidence() -> None:
    fields = {name: list(kind.model_fields) for name, kind in KINDS.items()}
    assert fields == {name: COMMON_FIELDS + own for name, own in EVIDENCE.items()}
    assert [name for name, kind in KINDS.items() if not kind.is_row] == list(EVIDENCE)[-3:]


def test_scenarios(fc: Forecast) -> None:
    table = fc.scenarios()
    assert table.index.name == "scenario"
    assert table.index.tolist() == SCENARIOS
    assert table.columns.tolist() == ESTIMATE


def test_outcomes(fc: Forecast) -> None:
    table = fc.outcomes()
    assert table.index.names == ["outcome", "by"]
    assert table.index.levels[0].size == 11
    assert [str(day.date()) for day in table.loc["sanctions"].index] == ["2025-03-31", "2025-06-30", "2025-12-31"]
    assert table.columns.tolist() == [
        f"{kind}{part}" for kind in ("ever", "at") for part in ("", "_lower", "_upper", "_mcse")
    ]


def test_influence(fc: Forecast) -> None:
    table = fc.influence()
    assert table.index.names == ["period", "faction"]
    assert table.index.get_level_values("faction").unique().tolist() == list(COORDS["faction"])
    assert [str(day.date()) for day in table.index.get_level_values("period").unique()] == ["2025-01-01", "2025-02-01"]
    assert table.columns.tolist() == ["mean", "lower", "upper", "mcse"]


def test_defection(fc: Forecast) -> None:
    table = fc.defection()
    assert table.index.names == ["grouping", "level"]
    assert table.columns.tolist() == [
        *("n", "broken", "raw", "pooled", "lower", "upper", "mcse", "shrinkage", "shrinkage_mcse"),
    ]
    groupings = table.index.get_level_values("grouping").unique().tolist()
    parts = ["all", "kind", "agreement", "regime_threat", "relief_at_stake"]
    assert groupings == [
        *(f"defection_one_off.{part}" for part in parts),
        *(f"defection_flow.{part}" for part in (*parts, "outcome")),
    ]
    assert ("defection_flow.kind", "migration_flights") in table.index


def test_curve(fc: Forecast) -> None:
    table = fc.curve("ever(sanctions = re_escalated)")
    assert table.index.name == "date"
    assert str(table.index[0].date()) == "2025-02-12"
    assert table.columns.tolist() == ESTIMATE


def test_questions(fc: Forecast) -> None:
    table = fc.questions()
    assert table.index.name == "question"
    assert table.columns.tolist() == ["text", "event", "horizon", *ESTIMATE, "why_not"]
    assert table.index[0] == "american_freed_by_30apr2025"


def test_time_to(fc: Forecast) -> None:
    found = fc.time_to("ever(sanctions = re_escalated)")
    assert isinstance(found, FirstPassage)
    assert [field.name for field in dataclasses.fields(FirstPassage)] == [
        "event", "as_of", "horizon", "median", "median_lower", "median_upper", "lower", "upper", "not_by_horizon",
        "survival", "origin",
    ]  # fmt: skip
    assert found.survival.index.name == "date"
    assert [str(day.date()) for day in found.survival.index[[0, -1]]] == ["2025-02-12", "2025-12-31"]
    assert found.survival.columns.tolist() == ESTIMATE
    assert found.table.index.tolist() == [0.05, 0.5, 0.95]
    assert (found.table.index.name, found.table.columns.tolist()) == ("reached", ["date", "lower", "upper"])


def test_paths(fc: Forecast) -> None:
    states = fc.paths(["2025-02-05", "2025-12-31"])
    assert isinstance(states, xr.DataArray)
    assert states.dims == ("draw", "path", "date", "outcome")
    assert states.shape == (100, 4, 2, 11)
    assert states["outcome"].to_numpy().tolist() == list(COORDS["outcome"])
    assert set(states.to_numpy().ravel().tolist()) <= {0, 1}
    assert "'suspended'" in states.attrs["states"]


def test_probability(fc: Forecast) -> None:
    for found in (fc.probability("ever(sanctions = re_escalated) by 2025-06-30"), fc.closeness_beats_office):
        for part in ("mean", "lower", "upper", "mcse", "draws", "ess", "ok"):
            assert hasattr(found, part)


def test_scores() -> None:
    rows = {"question": ["a", "a"], "forecaster": ["model", "market"], "probability": [0.6, 0.7], "resolution": [1, 1]}
    scores, skill = vz.score(pd.DataFrame(rows)), vz.skill(pd.DataFrame(rows), "market")
    assert scores.index.name == "forecaster"
    assert scores.columns.tolist() == [
        "n", "questions", "unresolved", "brier", "brier_lower", "brier_upper", "log_score", "log_score_lower",
        "log_score_upper", "floored", "miscalibration", "discrimination", "uncertainty",
    ]  # fmt: skip
    assert skill.index.names == ["forecaster", "against", "score"]
    assert skill.index.get_level_values("score").tolist() == ["brier", "log_score"]
    assert skill.columns.tolist() == [
        "n", "questions", "mean", "mean_against", "difference", "difference_lower", "difference_upper", "skill",
    ]  # fmt: skip
    assert list(scores.attrs) == list(skill.attrs) == ["notes", "by", "floor", "seed"]


def test_calibration() -> None:
    found = vz.calibration(pd.DataFrame({"question": ["a", "b"], "probability": [0.6, 0.7], "resolution": [0, 1]}))
    assert [field.name for field in dataclasses.fields(vz.Calibration)] == [
        "forecaster", "n", "questions", "unresolved", "blocks", "by", "parts", "by_chance", "table", "curve",
        "seed",
    ]  # fmt: skip
    assert [field.name for field in dataclasses.fields(found.parts)] == [
        "score", "miscalibration", "discrimination", "uncertainty",
    ]  # fmt: skip
    assert (found.table.index.name, found.curve.index.name) == ("block", "forecast")
    assert found.table.columns.tolist() == ["lowest", "highest", "forecast", "n", "observed", "lower", "upper"]
    assert found.curve.columns.tolist() == ["n", "calibrated", "lower", "upper"]


def test_report() -> None:
    found = signature(vz.report).parameters
    assert list(found) == ["fc", "path", "since", "event"]
    assert {name: found[name].default for name in ("since", "event")} == {"since": None, "event": None}


def test_move_ledger(fc: Forecast) -> None:
    assert [field.name for field in dataclasses.fields(vz.MoveLedger)] == [
        "event", "before", "after", "days", "items", "by", "orders", "drawn", "khat", "ess", "spread",
        "origins",
    ]  # fmt: skip
    found = vz.explain(fc, fc, "ever(sanctions = re_escalated) by 2025-06-30")
    assert (found.items.index.name, found.items.index.tolist()) == ("part", ["approximation"])
    assert found.items.columns.tolist() == [
        "log_odds", "points", "mcse", "clear", "kind", "published", "faction", "source", "headline",
    ]  # fmt: skip
    assert found.grouped("month").index.name == "month"
    assert found.grouped("month").columns.tolist() == ["log_odds", "points", "mcse", "clear", "items"]


def test_evidence_log(tmp_path: Path) -> None:
    log = EvidenceLog(tmp_path / "evidence.jsonl")
    log.add([Signal(id=name, date="2025-02-10", faction="oil") for name in "abc"])
    log.correct(Signal(id="b", date="2025-02-09", faction="oil"), on="2025-02-11")
    log.retract("c", on="2025-02-11")
    table = log.list()
    assert table.columns.tolist() == [
        "id", "what", "type", "date", "published", "confidence", "headline", "content", "source", "note", "from",
        "status", "why",
    ]  # fmt: skip
    assert table["what"].tolist() == ["add", "add", "add", "correct", "retract"]
    assert table["status"].tolist() == ["in force", "corrected", "retracted", "in force", "retracted"]


def test_prior_predictive() -> None:
    found = prior_predictive(skeleton(), draws=50)
    assert found.rates.index.names == ["kind", "name"]
    assert found.rates.columns.tolist() == ["unit", "lower", "median", "upper", "events", "exposure", "record"]
    assert found.rates.index.get_level_values("kind").unique().tolist() == ["class", "onset", "recovery"]
    assert set(found.rates["unit"]) == {"a decade", "of ten promises"}
    assert found.ratios.index.names == ["kind", "name"]
    assert found.ratios.columns.tolist() == ["lower", "median", "upper"]
    assert found.ratios.index.get_level_values("kind").unique().tolist() == ["coupling", "leverage", "spread"]
    assert found.correlations.index.names == ["outcome", "other"]
    assert found.correlations.columns.tolist() == ["correlation"]


def test_posterior_check(fc: Forecast) -> None:
    table = posterior_check(fc).table
    assert table.index.names == ["kind", "group", "measure"]
    assert table.columns.tolist() == ["n", "observed", "lower", "median", "upper", "tail", "flagged"]
    kinds = table.index.get_level_values("kind").unique().tolist()
    assert kinds == ["class", "level", "outcome", "signals", "leans"]  # five signals: no kind has three
    assert ("outcome", "onset.sanctions", "events") in table.index


def test_loo(fc: Forecast) -> None:
    found = loo(fc)
    assert found.table.index.names == ["kind", "label"]
    assert found.table.columns.tolist() == ["observed", "exposure", "elpd", "p_loo", "khat", "flagged", "refitted"]
    assert found.total.index.tolist() == ["favoured", "lean", "events", "all"]
    assert (found.total.index.name, found.total.columns.tolist()) == ("kind", ["n", "elpd", "se", "p_loo", "flagged"])
    assert found.compare(found).columns.tolist() == ["n", "difference", "se", "flagged"]


BLOCKS = ["scalars", "mean_rank", "coverage", "worst", "ecdf", "whole", "adjusted", "ok"]


def test_simulation_check() -> None:
    share = np.random.default_rng(1).random((30, 2))
    scalars = pd.MultiIndex.from_tuples([("tau", ""), ("rho", "office")], names=["variable", "coordinate"])
    found = SimulationCheck.of(Ranks(scalars, share, np.full((30, 2), 99.0), np.zeros(30, dtype=bool)), "a case")
    assert found.ranks.columns.names == found.table.index.names == ["variable", "coordinate"]
    assert found.table.columns.tolist() == ["n", "mean_rank", "coverage", "chi_square", "ecdf", "ess"]
    assert found.blocks.index.tolist() == ["tau", "rho"]
    assert found.blocks.columns.tolist() == BLOCKS


def test_tables_of_a_backtest() -> None:
    found = {name: " ".join(getattr(tables, name)) for name in BACKTEST}
    assert found == BACKTEST


BACKTEST = {
    "TABLE": "horizon days_left event probability lower upper mcse why_not resolution scored why_not_scored brier "
    "log_score method khat ess ok cutoff fit_time pred_time",
    "STATED": "forecaster question as_of probability resolution",
    "REFERENCES": "base_rate persistence market",
    "SCENARIOS": "probability lower upper mcse happened ok",
    "SCENARIO_SCORES": "happened ranked_probability ok",
    "PASSAGES": "censored_after observed_after crps ok",
    "PROVENANCE": "fitted method why seed settings versions case_digest priors_digest seconds converged diagnostics "
    "weights",
}


def test_information_and_groups(fc: Forecast) -> None:
    event = "ever(sanctions = re_escalated) by 2025-06-30"
    halted = "ever(deportation_flights = halted) by 2025-03-31"
    found = vz.value_of_information(fc, [halted], event)
    assert (found.table.index.name, found.answers.index.names) == ("question", ["question", "answer"])
    assert found.table.columns.tolist() == ["kind", "bits", "bits_mcse", "shift", "shift_mcse", "clear"]
    assert found.answers.columns.tolist() == [
        "predictive", "predictive_mcse", "after", "after_mcse", "change", "change_mcse", "clear",
    ]  # fmt: skip
    factions = vz.by_faction(fc, event)
    assert (factions.table.index.name, factions.signals.index.name) == ("faction", "item")
    assert factions.table.columns.tolist() == ["on_top", "on_top_mcse", *ESTIMATE, "change", "change_mcse", "clear"]
    assert factions.signals.columns.tolist() == [
        "date", "faction", "headline", "event", "event_mcse", "share", "share_mcse", "closeness", "closeness_mcse",
        "khat", "safe", "clear", "why_not",
    ]  # fmt: skip
    record = vz.by_record(fc, event)
    assert list(record.first_breach) == ["grenell_jan2025"]
    assert record.rates.columns.tolist() == [
        "n", "broken", "raw", "complete", "pooled", "lower", "upper", "mcse", "shrinkage", "shrinkage_mcse",
    ]  # fmt: skip
    assert record.agreements.index.name == "agreement"
    assert record.agreements.columns.tolist() == ["n", "broken", "points", "mcse", "path", "khat", "clear", "why_not"]
    support = vz.leave_out(fc, event, ["coupling", "agreement:barbados_2023"], refit=False)
    assert [field.name for field in dataclasses.fields(support)] == ["event", "as_of", "probability", "table"]
    assert support.table.index.name == "block"
    assert support.table.columns.tolist() == [
        "kind", "n", "probability", "probability_mcse", "points", "mcse", "path", "khat", "clear", "why_not",
    ]  # fmt: skip
    hangs = vz.sensitivity(fc, event, priors=["tension.psi"])
    assert [field.name for field in dataclasses.fields(hangs)] == [
        "targets", "probabilities", "power", "tornado", "case", "as_of", "seed", "draws", "paths", "ok",
    ]  # fmt: skip
    assert (hangs.probabilities.index.name, hangs.probabilities.columns.tolist()) == ("target", ESTIMATE)
    assert (hangs.power.index.names, hangs.tornado.index.name) == (["kind", "block"], "prior")
    assert hangs.power.columns.tolist() == ["psense", "psense_mcse", "points", "mcse", "khat", "clear", "why_not"]
    assert hangs.tornado.columns.tolist() == [
        "block", "median",
        "low_at", "low_probability", "low_probability_mcse",
        "low_points", "low_mcse", "low_khat", "low_path", "low_clear",
        "high_at", "high_probability", "high_probability_mcse",
        "high_points", "high_mcse", "high_khat", "high_path", "high_clear",
        "swing", "swing_mcse", "clear", "why_not",
    ]  # fmt: skip


def test_figures() -> None:
    parameters = {
        "actors": ["who", "on", "ax"],
        "defection": ["fc", "by", "ax"],
        "history": ["result", "event", "news", "case", "ax"],
        "influence": ["fc", "ax"],
        "information": ["value", "top", "ax"],
        "move": ["result", "ax"],
        "outcomes": ["fc", "by", "ax"],
        "reliability": ["calibration", "ax"],
        "scenarios": ["fc", "by", "ax"],
        "survival": ["result", "events", "ax"],
        "tornado": ["result", "top", "ax"],
    }
    assert {name: list(signature(getattr(vz.plot, name)).parameters) for name in parameters} == parameters
    assert set(parameters) <= set(vz.plot.__all__)
    assert (canvas.SOURCE, canvas.FAILED) == ("source", "failed fit")
