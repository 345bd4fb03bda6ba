"""The command line's log of news: ``vzforecast news add``, ``import``, ``retract``, ``correct`` and ``list``.

The log is a file; `vzforecast.evidence_log` says what its entries mean. What a command needs is imported when it runs.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from vzforecast.errors import EvidenceError, Fault
from vzforecast.messages import OptionError, say, spoken

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    import pandas as pd

    from vzforecast.evidence import Evidence
    from vzforecast.evidence_log import EvidenceLog

DEFAULT_LOG: Final = Path("evidence.jsonl")
_MOST_NAMED: Final = 10

news = typer.Typer(help="Keep a log of news, from which the forecast of any day follows.", no_args_is_help=True)

LogFile = Annotated[Path, typer.Option("--log", help="File of the log; made if there is none.")]
CaseName = Annotated[str | None, typer.Option("--case", help="Name of an embedded case, or folder of another one.")]
Known = Annotated[str | None, typer.Option("--as-of", help="Day by whose end the case itself knew, YYYY-MM-DD.")]
Unchecked = Annotated[bool, typer.Option("--unchecked", help="Do not ask whether the case can take it.")]
Why = Annotated[str, typer.Option("--why", help="The reason, for whoever reads the log.")]


@news.command()
def add(
    *,
    item: Annotated[list[str], typer.Option(help='Such as "signal date=2025-02-26 faction=oil"; may be repeated.')],
    on: Annotated[str | None, typer.Option(help="Day from which it counts; default: when it was published.")] = None,
    log: LogFile = DEFAULT_LOG,
    case: CaseName = None,
    as_of: Known = None,
    unchecked: Unchecked = False,
) -> None:
    """Add items, all or none."""
    with spoken():
        items = _parsed(item)
        added = _log(log, case, as_of, unchecked=unchecked).add(items, on)
        _say_added(added, log)


@news.command("import")
def import_items(
    file: Annotated[Path, typer.Argument(help="Items as CSV, TOML or JSON.")],
    *,
    on: Annotated[str | None, typer.Option(help="Day from which they count; default: when each was published.")] = None,
    log: LogFile = DEFAULT_LOG,
    case: CaseName = None,
    as_of: Known = None,
    unchecked: Unchecked = False,
) -> None:
    """Add the items of a file, all or none."""
    with spoken():
        from vzforecast.evidence import read_evidence  # noqa: PLC0415 - see the head of this file

        items = read_evidence(file)
        added = _log(log, case, as_of, unchecked=unchecked).add(items, on)
        _say_added(added, log)


@news.command()
def retract(
    item_id: Annotated[str, typer.Argument(metavar="ID", help="Id of an item of the log.")],
    *,
    on: Annotated[str, typer.Option(help="First day without it, YYYY-MM-DD.")],
    why: Why = "",
    log: LogFile = DEFAULT_LOG,
    case: CaseName = None,
    as_of: Known = None,
    unchecked: Unchecked = False,
) -> None:
    """Take an item back from a day on; before it the log still shows it."""
    with spoken():
        _log(log, case, as_of, unchecked=unchecked).retract(item_id, on, why)
        say(f"retracted {item_id} in {log}, from {on} on")


@news.command()
def correct(
    *,
    item: Annotated[str, typer.Option(help="The new version, with the id of the item that it replaces.")],
    on: Annotated[str, typer.Option(help="First day of the new version, YYYY-MM-DD.")],
    why: Why = "",
    log: LogFile = DEFAULT_LOG,
    case: CaseName = None,
    as_of: Known = None,
    unchecked: Unchecked = False,
) -> None:
    """Put an item right from a day on; before it the log still shows the old version."""
    with spoken():
        (new,) = _parsed([item])
        _log(log, case, as_of, unchecked=unchecked).correct(new, on, why)
        say(f"corrected {new.id} in {log}, from {on} on")


@news.command("list")
def list_entries(
    *,
    as_of: Annotated[str | None, typer.Option(help="Only what counted by this day, as it stood then.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list instead of a table.")] = False,
    log: LogFile = DEFAULT_LOG,
) -> None:
    """Show every entry and what became of it."""
    with spoken():
        if as_json and as_csv:
            raise OptionError("--json and --csv exclude each other; give one of them")
        from vzforecast.evidence_log import EvidenceLog  # noqa: PLC0415 - see the head of this file

        table = EvidenceLog(log).list(as_of)
        if table.empty:
            say(f"no entries in {log}" + (f" by {as_of}" if as_of else ""))
        if as_csv:
            typer.echo(table.to_csv(index=False, lineterminator="\n"), nl=False)
        elif as_json:
            days = table.select_dtypes("datetime").columns
            typer.echo(json.dumps(table.astype(dict.fromkeys(days, "str")).to_dict(orient="records"), indent=2))
        elif not table.empty:
            _print(table)


def _parsed(texts: "Sequence[str]") -> "Sequence[Evidence]":
    """Read typed items; of several, messages say which one is meant."""
    from vzforecast.evidence import parse_item  # noqa: PLC0415 - see the head of this file

    items, faults = [], []
    for number, text in enumerate(texts, start=1):
        try:
            items.append(parse_item(text))
        except EvidenceError as error:
            which = f"--item {number}, " if len(texts) > 1 else ""
            faults += [Fault(f"{which}{f.file}", f.place, f.value, f.problem, f.remedy) for f in error.faults]
    if faults:
        raise EvidenceError(faults)
    return items


def _log(file: Path, case: str | None, as_of: str | None, *, unchecked: bool) -> "EvidenceLog":
    from vzforecast.evidence_log import EvidenceLog  # noqa: PLC0415 - see the head of this file

    if unchecked and (case is not None or as_of is not None):
        raise OptionError("--unchecked asks no case; leave it out, or leave out --case and --as-of")
    if unchecked:
        return EvidenceLog(file)
    from vzforecast.case import load_case  # noqa: PLC0415

    whole = load_case(case)
    return EvidenceLog(file, whole.known_on(as_of or whole.spec.default_as_of))


def _say_added(items: "Sequence[Evidence]", log: Path) -> None:
    named = [item.id for item in items[:_MOST_NAMED]]
    named += [f"and {len(items) - _MOST_NAMED} more"] if len(items) > _MOST_NAMED else []
    say(f"added {len(items)} item{'' if len(items) == 1 else 's'} to {log}: {', '.join(named) or 'none'}")


def _print(table: "pd.DataFrame") -> None:
    from vzforecast.display.tables import ID, PROSE, new_table  # noqa: PLC0415 - see the head of this file
    from vzforecast.display.terminal import print_parts  # noqa: PLC0415

    shown = new_table({"From, status": ID, "Id": ID, "Entry": PROSE})
    for row in table.to_dict(orient="records"):
        shown.add_row(f"{row['from'].date()}\n{row['status']}", row["id"], "\n".join(_told(row)))
    print_parts([shown])


def _told(row: "Mapping[Hashable, Any]") -> "Iterator[str]":
    """Yield the lines that tell what was done and why; what an item says stands with its versions."""
    if row["what"] == "retract":
        yield "retract"
    else:
        day, published = row["date"].date(), row["published"].date()
        yield f"{row['what']} {row['type']} of {day}, {row['confidence']} confidence: {row['content']}"
        if published != row["from"].date():
            yield f"published {published}"
        yield from (row[name] for name in ("headline", "note") if row[name])
    if row["why"]:
        yield f"why: {row['why']}"
