"""Names and orders carry no meaning: relabelling and reordering a case changes labels only.

Factions, outcomes and agreements get other names (in reverse order of the alphabet, so that whatever is sorted by name
is turned round); factions, outcomes, processes and the rows of every table get another order. Then, label by label,
the rows, the joint density of the same draws and the rates of the simulator must be the same up to rounding, and its
paths the same path for path. Random streams of the simulator hang on names, so that paths are compared with the
original's streams. After sampling, answers must agree within Monte Carlo error (slow).
"""

import dataclasses
import importlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers.cases import embedded, skeleton, with_recurrent
from helpers.synthetic import synthetic_posterior
from vzforecast import latent, likelihood
from vzforecast.case import Case
from vzforecast.forecast.future import dynamics
from vzforecast.forecast.posterior import stacked
from vzforecast.history import Design, History, build_history, encode
from vzforecast.history.recorded import recorded
from vzforecast.settings import SamplerSettings
from vzforecast.simulate import Dynamics, simulate

CASES = {
    "skeleton": (skeleton, "2024-08-15"),
    "recurrent": (with_recurrent, "2024-08-15"),
    "embedded": (embedded, "2025-08-31"),
}
# Where the tables name a faction, an outcome or an agreement.
COLUMNS = {
    "actors": ("faction",),
    "agreements": ("agreement_id",),
    "commitments": ("agreement_id", "own_history_of"),
    "licences": ("own_history_of",),
    "actions": ("own_history_of",),
    "news": ("faction", "outcome"),
    "transitions": ("outcome",),
    "questions": ("outcome_id",),
    "schedule": ("outcome",),
}


@dataclasses.dataclass(frozen=True)
class Seen:
    """A case as the model sees it."""

    case: Case
    history: History
    design: Design

    @classmethod
    def of(cls, case: Case) -> "Seen":
        history = build_history(case)
        half_life = case.spec.tension.half_life_months
        return cls(case, history, encode(history, case.prior_specs, half_life=half_life))


def new_names(case: Case) -> dict[str, str]:
    """Other names, whose order in the alphabet is the reverse."""
    spec = case.spec
    agreements = case.tables["agreements"]["agreement_id"]
    old = sorted([*(f.id for f in spec.factions), *(o.id for o in spec.outcomes), *agreements], reverse=True)
    return {name: f"n{number:03d}" for number, name in enumerate(old)}


def relabelled(case: Case, to: Mapping[str, str]) -> Case:
    """Rename wherever a name stands: declarations, ids of priors, tables."""

    def new(name: str) -> str:
        return to.get(name, name)

    payload = case.to_payload()
    declared = json.loads(payload["case.json"])
    spec = declared["spec"]
    for part in ("factions", "outcomes"):
        for item in spec[part]:
            item["id"] = new(item["id"])
    for outcome in spec["outcomes"]:
        for hazard in ("onset", "recovery") if outcome["recovery"] else ("onset",):
            outcome[hazard]["members"] = {g: new(member) for g, member in outcome[hazard]["members"].items()}
    for scenario in spec["scenarios"]:
        scenario["when"] = {new(outcome): state for outcome, state in scenario["when"].items()}
    spec["headline"] = None
    priors = json.loads(payload["priors.json"])
    priors = {".".join(map(new, prior_id.split("."))): prior for prior_id, prior in priors.items()}
    renamed = Case.from_payload(payload | {"case.json": json.dumps(declared), "priors.json": json.dumps(priors)})
    tables = {name: renamed.tables[name] for name in renamed.tables}
    for name, columns in COLUMNS.items():
        for column in columns:
            tables[name][column] = tables[name][column].map(new).astype(tables[name][column].dtype)
    return dataclasses.replace(renamed, tables=tables)


def reordered(case: Case, random: np.random.Generator) -> Case:
    """Shuffle factions, outcomes, processes, priors and rows."""
    spec = case.spec

    def shuffled(items: Any) -> list[Any]:
        items = list(items)
        return [items[index] for index in random.permutation(len(items))]

    changed = {
        "factions": tuple(shuffled(spec.factions)),
        "outcomes": tuple(shuffled(spec.outcomes)),
        "processes": dict(shuffled(spec.processes.items())),
    }
    tables = {
        name: case.tables[name].sample(frac=1, random_state=random).reset_index(drop=True) for name in case.tables
    }
    priors = dict(shuffled(case.prior_specs.items()))
    return dataclasses.replace(case, spec=spec.model_copy(update=changed), tables=tables, prior_specs=priors)


def counterpart(posterior: xr.DataTree, other: Design, to: Mapping[str, str]) -> dict[str, np.ndarray]:
    """The same draws for the other case: label by label, in its order."""
    back = {new: old for old, new in to.items()}

    def old_label(label: str) -> str:
        for mark in (".", ":"):
            label = mark.join(back.get(part, part) for part in label.split(mark))
        return label

    dataset = posterior["posterior"].to_dataset().drop_vars("influence")
    wanted = {dim: [old_label(label) for label in other.coords[dim]] for dim in other.coords if dim in dataset.dims}
    return stacked(xr.DataTree.from_dict({"posterior": dataset.sel(wanted)}))


def transformed(name: str, seed: int) -> tuple[Seen, Seen, dict[str, str]]:
    make, as_of = CASES[name]
    case = make()
    to = new_names(case)
    other = reordered(relabelled(case, to), np.random.default_rng(seed))
    return Seen.of(case.known_on(as_of)), Seen.of(other.known_on(as_of)), to


@pytest.mark.parametrize("name", list(CASES))
def test_rows_change_in_nothing_but_names(name: str) -> None:
    one, other, to = transformed(name, seed=1)
    # The mean length of a term, which scales exposures, is a sum over rows in their order.
    first, second = plain_rows(one.history, to), plain_rows(other.history, {})
    pd.testing.assert_frame_equal(first, second, rtol=1e-13, atol=0.0)
    for table, columns in (("signals", ["faction"]), ("leans", ["outcome"])):
        first, second = getattr(one.history, table), getattr(other.history, table)
        pd.testing.assert_frame_equal(first.assign(**{c: first[c].replace(to) for c in columns}), second)
    np.testing.assert_array_equal(
        one.history.states.rename(index=to).loc[list(other.history.outcomes)], other.history.states
    )


def plain_rows(history: History, to: Mapping[str, str]) -> pd.DataFrame:
    """Rows as plain values, renamed, in the order of their labels."""

    def renamed(label: str) -> str:
        return " ".join(".".join(to.get(part, part) for part in word.split(".")) for word in label.split())

    rows = history.rows
    plain = pd.DataFrame(
        {
            "row": rows["row"].map(renamed),
            "process": rows["process"],
            "members": [tuple(":".join(to.get(p, p) for p in m.split(":")) for m in ms) for ms in rows["members"]],
            "covariates": [str(codes) for codes in rows["covariates"]],
            "outcome": rows["outcome"].replace(dict(to)),
            "transition": rows["transition"],
            "period": rows["period"],
            "active": [str(sorted((to.get(o, o), share) for o, share in active.items())) for active in rows["active"]],
            "exposure": rows["exposure"],
            "events": rows["events"],
        }
    )
    return plain.sort_values(["row", "transition", "exposure"]).reset_index(drop=True)


@pytest.mark.parametrize("name", list(CASES))
@settings(max_examples=8)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_joint_density_of_the_same_draws_is_the_same(name: str, seed: int) -> None:
    one, other, to = transformed(name, seed)
    posterior = synthetic_posterior(one.design, draws=5, chains=2, seed=seed)
    draws, same = counterpart(posterior, one.design, {}), counterpart(posterior, other.design, to)
    np.testing.assert_allclose(log_joint(draws, one.design), log_joint(same, other.design), rtol=1e-12)
    rates = {}
    for which, sample, seen in (("one", draws, one), ("other", same, other)):
        values = likelihood.row_log_rates(sample, seen.design).T
        rates[which] = np.array(sorted(values.tolist()))
    np.testing.assert_allclose(rates["one"], rates["other"], rtol=0, atol=1e-12)
    shares = latent.influence(draws, one.design)
    factions = [other.design.coords["faction"].index(to[faction]) for faction in one.design.coords["faction"]]
    np.testing.assert_allclose(latent.influence(same, other.design)[..., factions], shares, rtol=0, atol=1e-12)


def log_joint(draws: Mapping[str, np.ndarray], design: Design) -> np.ndarray:
    """Priors and likelihood of each draw; standard normal where no scale is declared."""
    total = np.sum([values.sum(axis=1) for values in likelihood.log_likelihood(draws, design).values()], axis=0)
    for name, values in draws.items():
        location, scale = design.priors.get(f"{name}_mu", 0.0), design.priors.get(f"{name}_sigma", 1.0)
        half = np.log(2.0) if name in ("rho", "tau", "psi", "lambda", "cutpoint", "spread") else 0.0
        density = stats.norm.logpdf(values, location, scale) + half
        total = total + density.reshape(len(values), -1).sum(axis=1)
    return np.asarray(total)


@pytest.mark.parametrize("name", list(CASES))
@settings(max_examples=5)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_simulator_walks_the_same_paths(name: str, seed: int) -> None:
    one, other, to = transformed(name, seed)
    posterior = synthetic_posterior(one.design, draws=10, chains=2, seed=seed)
    law = dynamics(stacked(posterior), one.case, one.history, one.design)
    same = dynamics(counterpart(posterior, other.design, to), other.case, other.history, other.design)
    same = with_streams_of(same, other, law, one, to)
    first = simulate(law, recorded(one.case, one.history.as_of), paths=4, seed=seed)
    second = simulate(same, recorded(other.case, other.history.as_of), paths=4, seed=seed)
    days = [one.history.as_of, *one.case.spec.deadlines, one.case.spec.horizon]
    days = [day for day in days if day >= one.history.as_of]
    own = [second.outcomes.index(to[outcome]) for outcome in first.outcomes]
    np.testing.assert_array_equal(first.active_on(days), second.active_on(days)[..., own])
    np.testing.assert_allclose(
        first.times, second.times, rtol=0, atol=1e-6
    )  # days; a rate may differ in its last digit


def with_streams_of(law: Dynamics, seen: Seen, model: Dynamics, original: Seen, to: Mapping[str, str]) -> Dynamics:
    """Give every label the random numbers that it had under its old name."""
    streams = {}
    for kind in ("outcome", "faction"):
        old = dict(zip(original.design.coords[kind], getattr(model, f"{kind}_streams"), strict=True))
        new = {to[label]: stream for label, stream in old.items()}
        streams[f"{kind}_streams"] = np.array([new[label] for label in seen.design.coords[kind]], dtype=np.uint64)
    return dataclasses.replace(law, **streams)


@pytest.mark.slow
def test_answers_agree_after_sampling() -> None:
    """The skeleton and its transform, fitted apart: every probability within four Monte Carlo errors."""
    fit = importlib.import_module("vzforecast.fitting").fit
    case, to = skeleton(), new_names(skeleton())
    other = reordered(relabelled(case, to), np.random.default_rng(5))
    settings_ = SamplerSettings(draws=2000)
    one, two = (fit(one, "2024-08-15", settings_, seed=seed, cache=False) for seed, one in enumerate((case, other), 1))
    assert one.ok, one.diagnostics.text
    assert two.ok, two.diagnostics.text
    within(one.scenarios(), two.scenarios(), "")
    outcomes = one.outcomes().rename(index=to, level="outcome").sort_index()
    for kind in ("ever", "at"):
        within(outcomes, two.outcomes().sort_index(), kind)
    influence = one.influence().rename(index=to, level="faction").sort_index()
    np.testing.assert_allclose(influence, two.influence().sort_index(), atol=0.03)
    defection = one.defection().rename(index=to, level="level").sort_index()
    np.testing.assert_allclose(defection["pooled"], two.defection().sort_index()["pooled"], rtol=0.1)


def within(first: pd.DataFrame, second: pd.DataFrame, kind: str) -> None:
    value, error = (kind, f"{kind}_mcse") if kind else ("probability", "mcse")
    second = second.loc[first.index]
    both = np.hypot(first[error], second[error])
    assert (np.abs(first[value] - second[value]) <= 4 * both + 1e-12).all()
