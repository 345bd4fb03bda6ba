"""Execute the notebooks as a reader would and write them as pages, docs/notebooks/*.md, with their figures.

    python scripts/notebooks.py [02_news_arrives ...]
    python scripts/notebooks.py --check

With --check nothing is executed: notebooks must be stored without outputs, and every page must show the cells of its
notebook as they are and have its figures. Fits are cached in .cache/ of the project, so that a second run takes
seconds.
"""

import argparse
import base64
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
PAGES = ROOT / "docs" / "notebooks"
IMAGES = ROOT / "docs" / "images" / "notebooks"
SECONDS_PER_CELL = 1200
# What a page and a notebook are to each other, seen from where the links stand.
LINKS = (("](../priors/", "](../../priors/"), ("](../docs/", "](../"), (".ipynb)", ".md)"))


class NoPageError(Exception):
    """A notebook that cannot be shown as a page."""


def executed(path: Path) -> NotebookNode:
    """Return a notebook with the outputs of a run in an empty folder."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=SECONDS_PER_CELL,
            kernel_name="python3",
            coalesce_streams=True,  # what a cell prints is one text, however often it was sent
            resources={"metadata": {"path": folder}},
        )
        return client.execute()


def source(cell: NotebookNode) -> str:
    """Return a cell as its page shows it, without its outputs."""
    text = cell.source.strip()
    if cell.cell_type == "code":
        return f"```python\n{text}\n```\n"
    for here, there in LINKS:
        text = text.replace(here, there)
    return f"{text}\n"


def page(notebook: NotebookNode, name: str) -> Iterator[str]:
    """Yield the blocks of a page; figures are written beside."""
    pictures = 0
    yield f"<!-- Made by scripts/notebooks.py from notebooks/{name}.ipynb. -->\n"
    for cell in notebook.cells:
        yield source(cell)
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                message = f"{name}: a cell warns, which its reader would see:\n{cell.source}\n\n{output.text}"
                raise NoPageError(message)
            if picture := output.get("data", {}).get("image/png"):
                pictures += 1
                yield drawn(picture, f"{name}-{pictures}")
            elif text := output.get("text", output.get("data", {}).get("text/plain", "")):
                yield f"```text\n{without_spaces_at_ends(text)}\n```\n"


def drawn(picture: str, name: str) -> str:
    """Write a figure and return the line that shows it."""
    (IMAGES / f"{name}.png").write_bytes(base64.b64decode(picture))
    return f"![Figure of the cell above](../images/notebooks/{name}.png)\n"


def without_spaces_at_ends(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines())


def write(path: Path) -> None:
    name = path.stem
    for old in IMAGES.glob(f"{name}-*.png"):
        old.unlink()
    text = "\n".join(page(executed(path), name))
    (PAGES / f"{name}.md").write_text(text, encoding="utf-8")
    print(f"docs/notebooks/{name}.md")


def faults(path: Path) -> Iterator[str]:
    """Yield what is wrong with a stored notebook and its page."""
    notebook, shown = nbformat.read(path, as_version=4), PAGES / f"{path.stem}.md"
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.get("outputs") or cell.get("execution_count") is not None:
            yield f"notebooks/{path.name}: cell {number} is stored with what it gave; clear all outputs and save"
    text, place = shown.read_text(encoding="utf-8") if shown.exists() else "", 0
    for picture in re.findall(r"\(\.\./images/notebooks/([^)]+)\)", text):
        if not (IMAGES / picture).exists():
            yield f"docs/notebooks/{path.stem}.md: shows {picture}, which is not there; run scripts/notebooks.py"
    for number, cell in enumerate(notebook.cells, start=1):
        place = text.find(source(cell), place)
        if place < 0:
            yield f"docs/notebooks/{path.stem}.md: cell {number} is not as in the notebook; run scripts/notebooks.py"
            return


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="notebooks to execute, without .ipynb; all by default")
    parser.add_argument("--check", action="store_true", help="execute nothing, look for faults")
    asked = parser.parse_args()
    paths = [NOTEBOOKS / f"{name}.ipynb" for name in asked.names] or sorted(NOTEBOOKS.glob("*.ipynb"))
    if asked.check:
        found = [fault for path in paths for fault in faults(path)]
        print(*found, f"{len(paths)} notebooks, {len(found)} faults", sep="\n")
        return 1 if found else 0
    os.environ.setdefault("VZFORECAST_CACHE", str(ROOT / ".cache" / "readme"))
    os.environ.pop("MPLBACKEND", None)  # of a terminal; a kernel has its own
    for folder in (PAGES, IMAGES):
        folder.mkdir(parents=True, exist_ok=True)
    for path in paths:
        write(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
