"""The CSV tables of a case: which columns each has, of which type, range and code list."""

from collections.abc import Mapping
from typing import Final

from vzforecast import names
from vzforecast.case.columns import Column, TableSchema
from vzforecast.inputs.frozen import FrozenMapping

CONFIDENCE: Final = ("high", "medium", "low")
RELIEF: Final = ("none", "minor", "major")

# The code lists that a covariate of the defection processes may take, in the order of their size.
COVARIATE_CODES: Final[Mapping[str, tuple[int | str, ...]]] = FrozenMapping(
    {"regime_threat": (0, 1, 2), "relief_at_stake": RELIEF}
)

# What news may favour instead of a faction.
NO_FACTION: Final = ("none", "mixed")


def _text(name: str, *, blank: bool = False, codes: tuple[str, ...] = ()) -> Column:
    return Column(name, blank=blank, codes=codes)


def _date(name: str, *, blank: bool = False) -> Column:
    return Column(name, "date", blank)


def _integer(name: str, lower: float | None = None, upper: float | None = None, *, blank: bool = False) -> Column:
    return Column(name, "integer", blank, lower=lower, upper=upper)


def _share_of_100(name: str) -> Column:
    return Column(name, "number", lower=0, upper=100)


def _flag(name: str, *, blank: bool = False) -> Column:
    return _integer(name, 0, 1, blank=blank)


_SOURCE, _CONFIDENCE, _NOTE = _text("source"), _text("confidence", codes=CONFIDENCE), _text("note", blank=True)
_OWN_HISTORY = _text("own_history_of", blank=True)

_SCHEMAS: Final = (
    TableSchema(
        "actors",
        ("actor", "from"),
        (
            _text("actor"),
            _text("faction"),
            _text("role"),
            _date("from"),
            _date("to", blank=True),
            _share_of_100("office"),
            _share_of_100("proximity"),
            _share_of_100("salience"),
            _text("confidence", codes=(*CONFIDENCE, "judgement")),
            _NOTE,
        ),
    ),
    TableSchema(
        "agreements",
        ("agreement_id",),
        (
            _text("agreement_id"),
            _text("name"),
            _date("signed"),
            _date("published", blank=True),
            _text("counterpart"),
            _text("mediator"),
            _text("domain"),
            _text("relief_offered", codes=RELIEF),
            _text("summary"),
            _SOURCE,
            _CONFIDENCE,
        ),
    ),
    TableSchema(
        "commitments",
        ("commitment_id",),
        (
            _text("agreement_id"),
            _text("commitment_id"),
            _text("description"),
            _text("kind"),
            _text("form", codes=("one_off", "flow")),
            _text("form_reason"),
            _integer("regime_threat", 0, 2),
            _flag("verifiable"),
            _date("due", blank=True),
            _text("result", blank=True, codes=("kept", "partial", "broken", "unresolved")),
            _date("first_breach", blank=True),
            _date("resolved_on", blank=True),
            _integer("days_to_breach", 0, blank=True),
            _text("relief_at_stake", codes=RELIEF),
            _OWN_HISTORY,
            _SOURCE,
            _CONFIDENCE,
            _NOTE,
        ),
    ),
    TableSchema(
        "licences",
        ("licence", "version", "issued"),
        (
            _text("licence"),
            _text("series"),
            _text("version"),
            _date("issued"),
            _date("prev_expiry", blank=True),
            _date("new_expiry", blank=True),
            _text(
                "decision",
                codes=("initial", "renewed", "widened", "replaced", "narrowed", "winddown", "revoked", "lapsed"),
            ),
            _text("scope"),
            _text("administration"),
            _integer("days_before_expiry", blank=True),
            _flag("self_renewing"),
            _OWN_HISTORY,
            _SOURCE,
            _CONFIDENCE,
            _NOTE,
        ),
    ),
    TableSchema(
        "actions",
        ("date", "direction", "instrument", "description"),
        (
            _date("date"),
            _text("administration"),
            _text("direction", codes=("tighten", "ease")),
            _text("kind"),
            _flag("sectoral"),
            _integer("severity", 1, 3),
            _text("instrument"),
            _text("description"),
            _OWN_HISTORY,
            _SOURCE,
            _CONFIDENCE,
            _NOTE,
        ),
    ),
    TableSchema(
        "news",
        ("id",),
        (
            _text("id"),
            _date("date"),
            _date("published"),
            _text("headline"),
            _text("kind"),
            _text("actor", blank=True),
            _text("faction"),
            _integer("strength", 1, 3),
            _flag("is_decision"),
            _text("bears_on"),
            _text("direction", codes=("pressure", "relief", "neutral")),
            _text("outcome", blank=True),
            _text("lean", blank=True, codes=names.LEANS),
            _text("episode", blank=True),
            _text("coding_reason"),
            _SOURCE,
            _CONFIDENCE,
            _NOTE,
        ),
    ),
    TableSchema(
        "transitions",
        ("outcome", "date"),
        (
            _text("outcome"),
            _date("date"),
            _date("published"),
            _text("to"),
            _text("episode", blank=True),
            _CONFIDENCE,
            _NOTE,
            _text("source", blank=True),
        ),
    ),
    TableSchema(
        "questions",
        ("question_id",),
        (
            _text("question_id"),
            _text("text"),
            _date("opened"),
            _date("horizon"),
            _text("outcome_id", blank=True),
            _text("event", blank=True),
            Column("why_not", blank=True, optional=True),
            _flag("resolution", blank=True),
            _date("resolved_on", blank=True),
            _text("source", blank=True),
            _text("confidence", blank=True, codes=CONFIDENCE),
            _NOTE,
        ),
    ),
    TableSchema(
        "markets",
        ("platform", "question", "date"),
        (
            _text("platform"),
            _text("question"),
            _text("question_url", blank=True),
            _date("date"),
            Column("probability", "number", lower=0, upper=1),
            _date("horizon"),
            _flag("resolution", blank=True),
            _text("source", blank=True),
            _NOTE,
        ),
    ),
    TableSchema(
        "flights",
        ("month",),
        (
            Column("month", "month"),
            _integer("flights", 0, blank=True),
            _integer("returnees", 0, blank=True),
            _SOURCE,
            _CONFIDENCE,
            _NOTE,
        ),
    ),
    TableSchema(
        "schedule",
        ("outcome", "date", "kind"),
        (
            _text("outcome"),
            _date("date"),
            _text("kind"),
            _date("published"),
            _SOURCE,
            _CONFIDENCE,
            _NOTE,
        ),
    ),
    TableSchema(
        "counts",
        ("process", "level", "group", "published"),
        (
            _text("process"),
            _text("level", blank=True),
            Column("group", blank=True, optional=True),
            _date("published"),
            _integer("events", 0),
            Column("exposure", "number", lower=0, above=True),
            _text("unit"),
            _SOURCE,
            _CONFIDENCE,
            _NOTE,
        ),
    ),
)

TABLES: Final[Mapping[str, TableSchema]] = FrozenMapping({schema.name: schema for schema in _SCHEMAS})
