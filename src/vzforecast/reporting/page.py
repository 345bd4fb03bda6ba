"""From contents to one HTML text: escaped, self-contained, and barred from reaching out."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from vzforecast.reporting import curves, rising
from vzforecast.reporting.contents import Contents
from vzforecast.reporting.subject import long_day

_FILES: Final = Path(__file__).with_name("page")


def page(contents: Contents) -> str:
    """Return the page.

    Every text is escaped where it is put in. Style and script are files of the library, and the policy of the page
    allows these two by their digests and nothing else: no picture, font, frame, form or request.

    Parameters
    ----------
    contents : Contents
        What it says.

    Returns
    -------
    str
        The same contents give the same text.
    """
    style, script = (_FILES.joinpath(name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; base-uri 'none'; "
        "form-action 'none'"
    )
    template = _environment().get_template("report.html.jinja")
    return template.render(it=contents, style=style, script=script, policy=policy)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FILES),
        autoescape=True,  # in every template, whatever its name
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["long_day"] = long_day
    environment.globals |= {"month_scale": curves.SCALE, "day_scale": rising.SCALE}
    return environment


def _digest(text: str) -> str:
    """Return what a Content Security Policy calls a text by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
