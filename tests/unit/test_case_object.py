"""A case in memory: frozen, digested, changed only into another case, and carried as texts."""

import copy
import dataclasses
import datetime as dt
import json
import pickle
from pathlib import Path

import pandas as pd
import pytest

from helpers.cases import with_groups, with_spec
from vzforecast.case import Case, coupling_ids, load_case, new_case, required_priors
from vzforecast.case.tables import TABLES
from vzforecast.errors import CaseError, PriorError
from vzforecast.priors import PriorSpec

COUPLING = "coupling.onset.ferry_permit.fishing_truce"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return load_case(new_case(tmp_path_factory.mktemp("cases") / "case"))


@pytest.fixture(scope="module")
def embedded() -> Case:
    return load_case()


class TestFrozen:
    def test_no_attribute_can_be_set(self, case: Case) -> None:
        with pytest.raises(dataclasses.FrozenInstanceError):
            case.as_of = dt.date(2024, 5, 1)  # type: ignore[misc]
        with pytest.raises(ValueError, match="frozen"):
            case.spec.origin = dt.date(2024, 5, 1)

    def test_no_mapping_can_be_changed(self, case: Case) -> None:
        for mapping in (case.tables, case.prior_specs, case.spec.processes, case.spec.outcomes[0].onset.members):
            assert not hasattr(mapping, "__setitem__")
            assert not hasattr(mapping, "update")

    def test_changing_a_table_changes_a_copy(self, case: Case) -> None:
        digest = load_case(case.folder).digest
        table = case.tables["actors"]
        table.loc[:, "office"] = 0.0
        assert (case.tables["actors"]["office"] > 0).all()
        assert case.digest == digest

    def test_copies_and_pickles(self, case: Case) -> None:
        cut = case.known_on("2024-04-15")
        for one in (case, cut):
            assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301
            assert copy.deepcopy(one) == one

    def test_repr(self, case: Case) -> None:
        span = "<Case two-islands: 2 outcomes, 3 scenarios, 2024-01-01 to 2024-12-31"
        assert repr(case) == f"{span}, digest {case.digest[:12]}>"
        cut = case.known_on("2024-04-15")
        assert repr(cut) == f"{span}, known on 2024-04-15, digest {cut.digest[:12]}>"
        assert repr(case.tables).startswith("<actors: 3 rows, agreements: 3 rows,")


class TestTables:
    def test_types(self, case: Case) -> None:
        for name, schema in TABLES.items():
            table = case.tables[name]
            assert tuple(table.columns) == schema.headers
            for column in schema.columns:
                values = table[column.name]
                if column.kind == "text":
                    assert all(isinstance(value, str) for value in values)
                elif column.kind in ("date", "month"):
                    assert pd.api.types.is_datetime64_dtype(values)
                elif column.kind == "integer" and not column.blank:
                    assert values.dtype == "int64"
                else:
                    assert values.dtype == "float64"
                assert column.blank or not values.isna().any()

    def test_the_index_is_the_line_of_the_file(self, case: Case) -> None:
        assert case.tables["actors"].index.tolist() == [2, 3, 4]
        assert case.tables["actors"].index.name == "row"

    def test_blanks(self, case: Case) -> None:
        commitments = case.tables["commitments"].set_index("commitment_id")
        row = commitments.loc["tr24_seizures"]
        assert row["result"] == ""
        assert pd.isna(row["resolved_on"])
        assert pd.isna(row["days_to_breach"])

    def test_months_are_first_days(self, case: Case) -> None:
        assert case.tables["flights"]["month"].tolist() == [pd.Timestamp(2024, 1, 1), pd.Timestamp(2024, 2, 1)]


class TestPriors:
    def test_table(self, case: Case) -> None:
        priors = case.priors
        assert priors.index.name == "prior"
        assert list(priors.columns) == ["distribution", "lower", "upper", "unit", "rationale", "source"]
        assert list(priors.index) == list(case.prior_specs)
        row = priors.loc[COUPLING]
        assert (row["distribution"], row["lower"], row["upper"]) == ("normal", -0.2, 1.2)
        assert row["unit"] == "log rate while the truce is broken"
        assert priors["rationale"].str.len().min() > 0

    def test_replaced_by_interval(self, case: Case) -> None:
        changed = case.with_prior(COUPLING, "0.5 to 2")
        assert changed.priors.loc[COUPLING, ["lower", "upper"]].tolist() == [0.5, 2.0]
        assert changed.prior_specs[COUPLING].rationale == case.prior_specs[COUPLING].rationale
        assert case.priors.loc[COUPLING, "lower"] == -0.2
        changed.validate()

    def test_replaced_by_spec(self, case: Case) -> None:
        spec = PriorSpec("normal", 0.0, 0.01, rationale="no coupling", source="a test")
        assert case.with_prior(COUPLING, spec).prior_specs[COUPLING] is spec

    @pytest.mark.parametrize(
        ("prior_id", "prior", "message"),
        [
            (
                "coupling.onset.ferry_permit.fishing",
                "0 to 1",
                (
                    "the case has no prior 'coupling.onset.ferry_permit.fishing'; "
                    f"did you mean {COUPLING}? case.priors lists all of them"
                ),
            ),
            ("mood", "0 to 1", "the case has no prior 'mood'; case.priors lists all of them"),
            (
                COUPLING,
                "1 to 0",
                f"{COUPLING}: the interval 1 to 0 has its lower bound at or above its upper bound; swap or widen them",
            ),
            (
                COUPLING,
                "lots",
                f'{COUPLING}: \'lots\' is not an interval; write it as "lower to upper", for example "0.2 to 1.2"',
            ),
            (
                "rate.permit",
                "0 to 1",
                "rate.permit: the interval 0 to 1 does not suit a log_normal prior; both bounds must be above 0",
            ),
            (
                COUPLING,
                PriorSpec("half_normal", None, 1.0),
                f"{COUPLING}: the model needs a normal prior, got half_normal",
            ),
            (
                "leverage_doubt",
                "-1 to 2",
                "leverage_doubt: must have mean 0, got 0.5; give an interval symmetric about 0",
            ),
        ],
        ids=["misspelt", "unknown", "reversed", "no interval", "support", "family", "centre"],
    )
    def test_refused(self, case: Case, prior_id: str, prior: str | PriorSpec, message: str) -> None:
        with pytest.raises(PriorError) as caught:
            case.with_prior(prior_id, prior)
        assert str(caught.value) == message

    def test_a_symmetric_interval_is_centred(self, case: Case) -> None:
        assert case.with_prior("leverage_doubt", "-0.3 to 0.3").prior_specs["leverage_doubt"].mu == 0.0

    def test_required(self, case: Case) -> None:
        required = required_priors(case.spec)
        assert set(case.prior_specs) - set(required) == {COUPLING}
        assert set(required) <= set(case.prior_specs)
        assert all(case.prior_specs[prior_id].distribution == family for prior_id, family in required.items())
        assert required["spread.promise.kind"] == "half_normal"
        assert required["rate.promise_flow"] == "log_normal"
        assert required["slope.regime_threat"] == "normal"

    def test_couplings(self, case: Case, embedded: Case) -> None:
        assert sorted(coupling_ids(case.spec)) == [
            COUPLING,
            "coupling.onset.fishing_truce.ferry_permit",
            "coupling.recovery.ferry_permit.fishing_truce",
            "coupling.recovery.fishing_truce.ferry_permit",
        ]
        # Nine outcomes that can be active, and two recurrent ones that have an onset only.
        assert len(list(coupling_ids(embedded.spec))) == 2 * 9 * 8 + 2 * 9


class TestChanges:
    def test_without_agreement(self, case: Case) -> None:
        changed = case.without_agreement("truce_2021")
        assert set(changed.tables["commitments"]["agreement_id"]) == {"harbour_2018", "truce_2024"}
        assert "truce_2021" in set(changed.tables["agreements"]["agreement_id"])
        assert changed.known_on("2024-04-15") == case.known_on("2024-04-15").without_agreement("truce_2021")
        changed.validate()

    def test_without_unknown_agreement(self, case: Case) -> None:
        with pytest.raises(CaseError) as caught:
            case.without_agreement("truce_2022")
        (fault,) = caught.value.faults
        assert str(fault) == (
            "agreements.csv: column agreement_id ('truce_2022'): the case has no such value; "
            "did you mean truce_2024? choose one of harbour_2018, truce_2021, truce_2024"
        )

    def test_with_partial(self, case: Case) -> None:
        changed = case.with_partial("half")
        assert changed.spec.partial.commitments == "half"
        assert case.spec.partial.commitments == "as_broken"
        assert changed.digest != case.digest

    def test_with_unknown_partial(self, case: Case) -> None:
        with pytest.raises(CaseError, match=r"partial\.commitments \('quarter'\): .* as_broken, as_kept, half"):
            case.with_partial("quarter")

    def test_outcome(self, case: Case) -> None:
        outcome = case.outcome("fishing_truce")
        assert (outcome.rest, outcome.active) == ("held", "broken")
        with pytest.raises(CaseError, match=r"outcomes \('fishing_truc'\): .* did you mean fishing_truce\?"):
            case.outcome("fishing_truc")

    def test_validate(self, case: Case, embedded: Case) -> None:
        for one in (case, embedded):
            assert one.validate() is None
            assert one.known_on(one.spec.default_as_of).validate() is None

    def test_validate_names_what_is_wrong(self, case: Case) -> None:
        transitions = case.tables["transitions"].assign(to="held")
        broken = dataclasses.replace(case, tables={**case.tables, "transitions": transitions})
        with pytest.raises(CaseError) as caught:
            broken.validate()
        assert [fault.place for fault in caught.value.faults] == ["row 2, column to", "row 3, column to"]


class TestDigest:
    def test_every_part_counts(self, case: Case) -> None:
        shuffled = case.tables["news"].iloc[::-1]
        others = [
            case.with_prior(COUPLING, "-0.2 to 1.3"),
            case.with_partial("half"),
            case.without_agreement("truce_2021"),
            case.known_on("2024-12-31"),
            case.known_on("2024-12-30"),
            dataclasses.replace(case, tables={**case.tables, "news": shuffled}),
            dataclasses.replace(case, tables={**case.tables, "news": case.tables["news"].assign(note="new")}),
        ]
        digests = [one.digest for one in (case, *others)]
        assert len(set(digests)) == len(digests)
        assert all(len(digest) == 64 for digest in digests)

    def test_index_folder_and_order_of_priors_do_not_count(self, case: Case) -> None:
        tables = {name: case.tables[name].reset_index(drop=True) for name in case.tables}
        priors = dict(reversed(list(case.prior_specs.items())))
        same = Case(case.spec, priors, tables, folder=Path("elsewhere"))
        assert same.digest == case.digest
        assert same == case
        assert hash(same) == hash(case)
        assert same.priors_digest == case.priors_digest

    def test_priors_digest_is_of_distributions_alone(self, case: Case) -> None:
        old = case.prior_specs[COUPLING]
        reworded = case.with_prior(COUPLING, dataclasses.replace(old, rationale="other words"))
        assert reworded.priors_digest == case.priors_digest
        assert reworded.digest != case.digest
        assert case.with_prior(COUPLING, "-0.2 to 1.3").priors_digest != case.priors_digest
        assert case.with_partial("half").priors_digest == case.priors_digest

    def test_a_case_equals_nothing_but_a_case(self, case: Case) -> None:
        assert case != case.digest


class TestPayload:
    def test_round_trip(self, case: Case, embedded: Case) -> None:
        changed = [
            case,
            embedded,
            embedded.known_on("2025-02-05"),
            case.with_prior(COUPLING, "0.1 to 0.2").with_partial("as_kept").without_agreement("truce_2021"),
        ]
        for one in changed:
            back = Case.from_payload(json.loads(json.dumps(one.to_payload())))
            assert back.digest == one.digest
            assert back.priors_digest == one.priors_digest
            assert back.as_of == one.as_of
            assert back.folder is None
            assert back.prior_specs == one.prior_specs
            assert back.spec == one.spec
            for name in one.tables:
                pd.testing.assert_frame_equal(
                    back.tables[name].reset_index(drop=True), one.tables[name].reset_index(drop=True)
                )

    def test_answered_couplings_and_groups_come_back(self, case: Case) -> None:
        """A case without them declares what it did before there were any."""
        answered = with_spec(with_groups(), coupling={"ends_with_answer": True})
        back = Case.from_payload(answered.to_payload())
        assert back == answered
        assert back.spec.coupling.ends_with_answer
        assert back.tables["counts"]["group"].tolist() == ["South", "North"]
        assert back != with_groups()
        declared = json.loads(case.to_payload()["case.json"])["spec"]
        assert set(declared["coupling"]) == {"half_life_months", "lasting_share"}
        assert not Case.from_payload(case.to_payload()).spec.coupling.ends_with_answer

    def test_counts_saved_before_there_were_groups_are_read(self, case: Case) -> None:
        payload = case.to_payload()
        rows = [line.split(",") for line in payload["counts.csv"].splitlines()]
        place = rows[0].index("group")
        earlier = "".join(",".join(cells[:place] + cells[place + 1 :]) + "\n" for cells in rows)
        assert Case.from_payload(payload | {"counts.csv": earlier}) == case

    def test_it_names_no_folder(self, case: Case) -> None:
        assert str(case.folder) not in json.dumps(case.to_payload())

    def test_one_text_for_each_part(self, case: Case) -> None:
        files = ["case.json", "priors.json", *(schema.file for schema in TABLES.values())]
        assert list(case.to_payload()) == files

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("case.json", "{}"),
            ("case.json", "not json"),
            ("priors.json", '{"a": {}}'),
            ("priors.json", "[]"),
            ("actors.csv", "actor\n"),
            ("case.json", '{"as_of": "2024-13-01", "spec": {}}'),
        ],
    )
    def test_a_changed_text_is_refused(self, case: Case, name: str, text: str) -> None:
        with pytest.raises(CaseError):
            Case.from_payload({**case.to_payload(), name: text})

    def test_a_missing_text_is_refused(self, case: Case) -> None:
        payload = case.to_payload()
        del payload["news.csv"]
        with pytest.raises(CaseError) as caught:
            Case.from_payload(payload)
        assert [str(fault) for fault in caught.value.faults] == [
            "payload: texts: not what a case was saved as; take it from Case.to_payload unchanged"
        ]
