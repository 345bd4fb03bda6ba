"""Run the Python blocks of README.md and of the guides in order, one namespace a page, as a reader would.

A block that cannot run is opened by ```` ```python no-run: the reason ````; without a reason it is a fault. Fits are
cached in .cache/ of the project, so that a second run takes seconds.
"""

import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
GUIDES = ("asking", "updating", "coherence", "scores", "explaining", "plots")
PAGES = ("README.md", *(f"docs/{name}.md" for name in GUIDES))
BLOCK = re.compile(r"^```python\b(?P<option>[^\n]*)\n(?P<code>.*?)^```[ ]*$", re.MULTILINE | re.DOTALL)
NO_RUN = re.compile(r"no-run: *(?P<reason>\S.*)")


def run_blocks(page: str) -> tuple[int, int]:
    """Run every block of a page and return how many ran and how many gave a reason not to."""
    text = (ROOT / page).read_text(encoding="utf-8")
    namespace: dict[str, Any] = {"__name__": "__main__"}
    ran = left_out = 0
    for block in BLOCK.finditer(text):
        line = text.count("\n", 0, block.start("code"))
        option = block["option"].strip()
        if reason := NO_RUN.fullmatch(option):
            print(f"{page}:{line}: not run: {reason['reason']}")
            left_out += 1
        elif option:
            message = f"{page}:{line}: unknown option {option!r}; the only one is 'no-run: the reason'"
            raise ValueError(message)
        else:
            # Blank lines first, so that an error names the line of the page.
            exec(compile("\n" * line + block["code"], page, "exec"), namespace)  # noqa: S102 (our own pages)
            ran += 1
    return ran, left_out


def main() -> int:
    os.environ.setdefault("VZFORECAST_CACHE", str(ROOT / ".cache" / "readme"))
    os.environ.setdefault("MPLBACKEND", "Agg")
    return max(_run(page) for page in PAGES)


def _run(page: str) -> int:
    """Run one page in an empty folder; return 1 if it shows no Python that runs."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        ran, left_out = run_blocks(page)
        os.chdir(ROOT)
    print(f"{page}: {ran} Python blocks ran, {left_out} left out with a reason")
    if not ran:
        print(f"{page} shows no Python that runs", file=sys.stderr)
    return 0 if ran else 1


if __name__ == "__main__":
    sys.exit(main())
