"""The questions of a case that are open: a table of those with a probability, and of those without."""

from collections.abc import Iterator

from vzforecast import figures
from vzforecast.display.summary import Run
from vzforecast.display.tables import FIGURE, ID, LABEL, PROSE, Section, new_table


def question_sections(run: Run) -> Iterator[Section]:
    """Yield the open questions with their probabilities, and those that have none with the reason.

    Parameters
    ----------
    run : Run
        The fit that answers them.

    Yields
    ------
    Section
        One or two tables; one without rows if no question is open.
    """
    table = new_table({"Question": LABEL, "By": ID, "Probability": FIGURE, "90 % interval": FIGURE, "MC error": FIGURE})
    reasons = new_table({"Question": LABEL, "By": ID, "Why not": PROSE})
    for row in run.questions.to_dict("records"):
        asked = row["text"], str(row["horizon"].date())
        if row["why_not"]:
            reasons.add_row(*asked, row["why_not"])
            continue
        shown = figures.percent(row["probability"]), figures.percent_interval(row["lower"], row["upper"])
        table.add_row(*asked, *shown, figures.error(row["mcse"]))
    none = "" if table.row_count else f"No open question has a probability as of {run.forecast.as_of}."
    yield Section(f"Questions open on {run.forecast.as_of}", table, none, ok=run.ok)
    if reasons.row_count:
        yield Section("Open questions without a probability", reasons)


def question_csv(run: Run) -> str:
    """Return the table of open questions as CSV, with the as-of date and whether the fit passed its diagnostics."""
    table = run.questions.assign(as_of=str(run.forecast.as_of), ok=str(run.ok).lower())
    return table.to_csv(lineterminator="\n")
