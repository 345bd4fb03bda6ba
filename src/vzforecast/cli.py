"""The command line: ``vzforecast forecast``, ``update``, ``report``, ``news``, ``coherence``, ``backtest`` and more.

Exit codes: 0 done, 1 a forecast that failed its diagnostics, 2 bad input. Tables and documents go to standard output;
messages, warnings and progress to standard error. What a command needs is imported when it runs, so that a mistyped
option and ``--version`` are answered at once.
"""

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from vzforecast import __version__
from vzforecast.messages import OptionError, check_target, say, spoken, unwritable
from vzforecast.news_commands import news
from vzforecast.settings import Density, Method, SamplerSettings, Strategy, checked_seed, density_for

if TYPE_CHECKING:
    from vzforecast.display import Run, Summary
    from vzforecast.forecast import Forecast

FAILED_FIT: Final = 1
_DEFAULTS: Final = SamplerSettings()

app = typer.Typer(
    help="Bayesian scenario forecasts of US policy towards Venezuela; any other case is a folder of files.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # an unexpected exception keeps its plain traceback
    rich_markup_mode=None,
)
app.add_typer(news, name="news")


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        # A label may hold a letter that the terminal cannot show: a question mark is better than no forecast.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"vzforecast {__version__}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Take what is asked of no command."""


@app.command()
def forecast(  # noqa: PLR0913 - every option of a command is an argument of its function
    *,
    case: Annotated[str | None, typer.Option(help="Name of an embedded case, or folder of another one.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Use what was known on this day, YYYY-MM-DD.")] = None,
    by: Annotated[str | None, typer.Option(help="Day of the scenarios; default: the case's horizon.")] = None,
    draws: Annotated[int, typer.Option(help="Draws kept per chain.")] = _DEFAULTS.draws,
    tune: Annotated[int, typer.Option(help="Tuning draws per chain.")] = _DEFAULTS.tune,
    chains: Annotated[int, typer.Option(help="Independent chains.")] = _DEFAULTS.chains,
    paths: Annotated[int, typer.Option(help="Simulated paths per draw.")] = _DEFAULTS.paths,
    density: Annotated[
        Density, typer.Option(help="Sample the density of the PyMC model, or the same written out, faster.")
    ] = _DEFAULTS.density,
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the scenario table as CSV instead.")] = False,
    questions: Annotated[
        bool, typer.Option("--questions", help="Print the open questions of the case, too; with --csv, instead.")
    ] = False,
    save: Annotated[Path | None, typer.Option(help="Also write the forecast to this file.")] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Fit afresh, and do not keep the fit.")] = False,
) -> None:
    """Fit a case and print its forecast."""
    with spoken():
        if as_json and as_csv:
            raise OptionError("--json and --csv exclude each other; give one of them")
        settings = SamplerSettings(draws=draws, tune=tune, chains=chains, paths=paths, density=density)
        checked_seed(seed)
        if save is not None:
            check_target(save)

        from vzforecast.case import load_case  # noqa: PLC0415 - see the head of this file
        from vzforecast.main_job import Request, run_main_job  # noqa: PLC0415

        request = Request(load_case(case), as_of, by, settings, seed, cache=not no_cache)
        summary = run_main_job(request, compare=not as_csv)
        _show(summary, as_json=as_json, as_csv=as_csv, questions=questions)
        if save is not None:
            _save(summary.main.forecast, save)
    if not summary.ok:
        raise typer.Exit(FAILED_FIT)


@app.command()
def update(  # noqa: PLR0913 - every option of a command is an argument of its function
    forecast: Annotated[Path, typer.Argument(metavar="FC", help="A forecast written by --save.")],
    *,
    news: Annotated[
        list[Path] | None, typer.Option(help="File of evidence: CSV, TOML or JSON; may be repeated.")
    ] = None,
    item: Annotated[
        list[str] | None, typer.Option(help='One item, "signal date=2025-02-26 faction=oil"; may be repeated.')
    ] = None,
    log: Annotated[Path | None, typer.Option(help="An evidence log; its items as of the new date.")] = None,
    as_of: Annotated[str | None, typer.Option(help="New as-of date; default: the newest publication.")] = None,
    by: Annotated[str | None, typer.Option(help="Day of the scenarios; default: the case's horizon.")] = None,
    method: Annotated[
        Method, typer.Option(help="How to get there; auto takes the quickest way that can be trusted.")
    ] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the scenarios before and after as CSV instead.")] = False,
    save: Annotated[Path | None, typer.Option(help="Also write the new forecast to this file.")] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Of a refit: fit afresh, and do not keep it.")] = False,
) -> None:
    """Update a saved forecast with news, and print what moved."""
    with spoken():
        if as_json and as_csv:
            raise OptionError("--json and --csv exclude each other; give one of them")
        if not (news or item or log or as_of):
            raise OptionError("nothing to update with; give --news, --item, --log or --as-of")
        if save is not None:
            check_target(save)

        from vzforecast.display import move_csv, move_json, print_move  # noqa: PLC0415 - see the head of this file
        from vzforecast.update_job import UpdateRequest, run_update_job  # noqa: PLC0415

        sources = tuple(news or ()), tuple(item or ()), log
        move = run_update_job(UpdateRequest(forecast, *sources, as_of, by, method, cache=not no_cache))
        if as_json:
            typer.echo(move_json(move))
        elif as_csv:
            typer.echo(move_csv(move), nl=False)
        else:
            print_move(move)
        if not move.after.ok:
            _warn_failed("after the update", move.after)
        if save is not None:
            _save(move.after.forecast, save)
    if not move.after.ok:
        raise typer.Exit(FAILED_FIT)


@app.command("report")
def write_report(
    forecast: Annotated[Path, typer.Argument(metavar="FC", help="A forecast written by --save.")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the page goes: one HTML file.")],
    since: Annotated[
        Path | None, typer.Option(help="An earlier forecast of the case: what changed since, and why.")
    ] = None,
    event: Annotated[
        str | None, typer.Option(help="Event to explain; default: the most likely scenario on the horizon.")
    ] = None,
) -> None:
    """Write a saved forecast as one page that can be sent, read on a phone and printed."""
    with spoken():
        check_target(output, "--output")

        from vzforecast.report_job import ReportRequest, run_report_job  # noqa: PLC0415 - see the head of this file

        try:
            done = run_report_job(ReportRequest(forecast, output, since, event))
        except OSError as error:
            raise unwritable(output, error, "--output") from error
        say(f"wrote {output}")
        if not done.ok:
            say(f"warning: failed fit, do not use its numbers: {'; '.join(done.diagnostics.failures)}")
    if not done.ok:
        raise typer.Exit(FAILED_FIT)


@app.command("coherence")
def check_coherence(
    stated: Annotated[
        Path | None, typer.Argument(metavar="STATED.csv", help="Columns event and probability.", show_default=False)
    ] = None,
    *,
    case: Annotated[str | None, typer.Option(help="Name of an embedded case, or folder of another one.")] = None,
    as_of: Annotated[str | None, typer.Option(help="The record counts up to the end of this day, YYYY-MM-DD.")] = None,
    forecast: Annotated[Path | None, typer.Option(help="A saved forecast, shown beside; brings case and day.")] = None,
    tolerance: Annotated[float, typer.Option(help="How far each number may be off by rounding.")] = 0.005,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the nearest numbers as CSV instead.")] = False,
    output: Annotated[Path | None, typer.Option(help="Also write the nearest coherent numbers to this CSV.")] = None,
) -> None:
    """Check stated probabilities against each other, and find the nearest coherent ones."""
    with spoken():
        if as_json and as_csv:
            raise OptionError("--json and --csv exclude each other; give one of them")
        if output is not None:
            check_target(output, "--output")

        from vzforecast import coherence_job as job  # noqa: PLC0415 - see the head of this file

        report = job.run_coherence_job(job.CoherenceRequest(stated, case, as_of, forecast, tolerance))
        if as_json:
            typer.echo(job.report_json(report))
        elif as_csv:
            typer.echo(job.report_csv(report), nl=False)
        else:
            typer.echo(report.text)
        if output is not None:
            try:
                job.write_nearest(report, output)
            except OSError as error:
                raise unwritable(output, error, "--output") from error
            say(f"wrote {output}")


@app.command("score")
def score_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV: question, probability, resolution (0, 1, blank).")],
    *,
    against: Annotated[
        list[str] | None, typer.Option(help="A forecaster of the file to compare the others with; may be repeated.")
    ] = None,
    by: Annotated[str, typer.Option(help="Column of rows that stand or fall together.")] = "question",
    floor: Annotated[float, typer.Option(help="Smallest probability that the log score takes at its word.")] = 0.001,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print the scores, or with --against the skill, as CSV.")
    ] = False,
) -> None:
    """Score resolved forecasts, by forecaster if the file has that column, and by as_of date if it has that."""
    with spoken():
        if as_json and as_csv:
            raise OptionError("--json and --csv exclude each other; give one of them")

        from vzforecast import score_job as job  # noqa: PLC0415 - see the head of this file

        scored = job.run_score_job(job.ScoreRequest(file, tuple(against or ()), by, floor))
        if as_csv:
            typer.echo(job.scored_csv(scored), nl=False)
        else:
            typer.echo(job.scored_json(scored) if as_json else job.scored_text(scored))


@app.command()
def backtest(  # noqa: PLR0913 - every option of a command is an argument of its function
    *,
    first: Annotated[str, typer.Option("--from", help="First as-of date, YYYY-MM-DD.")],
    last: Annotated[str, typer.Option("--to", help="No as-of date after this day.")],
    every: Annotated[str, typer.Option(help="Step between as-of dates, in days or weeks: 14d, 2w.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Finished days and tables; a run goes on from them.")
    ],
    case: Annotated[str | None, typer.Option(help="Name of an embedded case, or folder of another one.")] = None,
    question: Annotated[list[str] | None, typer.Option(help="Id of a question; may be repeated. Default: all.")] = None,
    strategy: Annotated[Strategy, typer.Option(help="Fit each day, update from day to day, or never.")] = "refit",
    workers: Annotated[int, typer.Option(help="Processes that share the cores of this machine.")] = 1,
    draws: Annotated[int, typer.Option(help="Draws kept per chain.")] = 1000,
    tune: Annotated[int, typer.Option(help="Tuning draws per chain.")] = _DEFAULTS.tune,
    chains: Annotated[int, typer.Option(help="Independent chains.")] = _DEFAULTS.chains,
    paths: Annotated[int, typer.Option(help="Simulated paths per draw.")] = _DEFAULTS.paths,
    density: Annotated[
        Density | None, typer.Option(help="As for a forecast; default: written for updates, else that of PyMC.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers.")] = 1,
    scored_on: Annotated[
        str | None, typer.Option(help="Day up to which it counts what happened; default: that of the case's record.")
    ] = None,
    average: Annotated[bool, typer.Option("--average", help="Average variants of the case on every day.")] = False,
) -> None:
    """Forecast past days, each from what was known then, and score what was said."""
    with spoken():
        chosen = density or density_for(strategy)
        settings = SamplerSettings(draws=draws, tune=tune, chains=chains, paths=paths, density=chosen)
        checked_seed(seed)

        from vzforecast import backtest_job as job  # noqa: PLC0415 - see the head of this file

        days = (case, first, last, every, tuple(question or ()))
        result = job.run_backtest_job(
            job.BacktestRequest(*days, strategy, workers, settings, seed, scored_on, average, out=output)
        )
        typer.echo(result.text)
        say(f"wrote the tables to {output}")
        if not result.ok:
            failed = ", ".join(map(str, result.failed))
            say(f"warning: failed fits, do not use their numbers: {failed}")
    if not result.ok:
        raise typer.Exit(FAILED_FIT)


@app.command()
def validate(case: Annotated[str, typer.Argument(help="Name of an embedded case, or folder of another one.")]) -> None:
    """Check a case and list all its faults."""
    with spoken():
        from vzforecast.case import load_case  # noqa: PLC0415 - see the head of this file

        spec = load_case(case).spec
        counts = f"{len(spec.outcomes)} outcomes, {len(spec.scenarios)} scenarios, {len(spec.factions)} factions"
        typer.echo(f"{spec.name} is valid: {counts}, {spec.origin} to {spec.horizon}")


@app.command()
def new_case(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or an empty folder.")]) -> None:
    """Write a commented case to start from."""
    with spoken():
        from vzforecast.case import new_case as write_case  # noqa: PLC0415 - see the head of this file

        written = write_case(folder)
        say(f"wrote a case to {written}; edit it, then check it with: vzforecast validate {written}")


def _show(summary: "Summary", *, as_json: bool, as_csv: bool, questions: bool) -> None:
    """Print what was asked for; on standard error, say which fits failed, which a document may not show."""
    from vzforecast import display  # noqa: PLC0415 - see the head of this file

    if as_json:
        typer.echo(display.summary_json(summary))
    elif as_csv:
        typer.echo((display.question_csv if questions else display.scenario_csv)(summary.main), nl=False)
    else:
        display.print_summary(summary, questions=questions)
    for what, run in summary.runs.items():
        if not run.ok:
            _warn_failed(what, run)


def _warn_failed(what: str, run: "Run") -> None:
    say(f"warning: failed fit ({what}), do not use its numbers: {'; '.join(run.forecast.diagnostics.failures)}")


def _save(result: "Forecast", path: Path) -> None:
    try:
        result.save(path)
    except OSError as error:
        raise unwritable(path, error) from error
    say(f"saved to {path}")
