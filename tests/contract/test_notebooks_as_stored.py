"""Notebooks are stored without outputs, and their pages in the documents show their cells and what those gave."""

import importlib.util
from pathlib import Path
from types import ModuleType

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

PIXEL = "iVBORw0KGgo="  # what a picture begins with is enough to be written


@pytest.fixture
def script(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("notebooks", root / "scripts" / "notebooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def notebooks(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, with folders of its own."""
    for name in ("NOTEBOOKS", "PAGES", "IMAGES"):
        monkeypatch.setattr(script, name, tmp_path / name.lower())
        (tmp_path / name.lower()).mkdir()
    return script


def small() -> NotebookNode:
    prose = new_markdown_cell("See [news](02_news.ipynb), [scores](../docs/scores.md), [data](../priors/README.md).")
    return new_notebook(cells=[prose, new_code_cell("1 + 1")])


def ran(notebook: NotebookNode, *outputs: NotebookNode) -> NotebookNode:
    notebook.cells[1].outputs = list(outputs)
    return notebook


def test_the_notebooks_of_the_project_are_stored_bare_and_their_pages_are_theirs(script: ModuleType) -> None:
    stored = sorted(script.NOTEBOOKS.glob("*.ipynb"))

    assert stored
    assert [fault for path in stored for fault in script.faults(path)] == []


def test_a_page_has_the_cells_with_links_that_hold_and_what_they_gave(notebooks: ModuleType) -> None:
    printed = new_output("stream", name="stdout", text="hello   \n")
    value = new_output("execute_result", data={"text/plain": "2", "text/html": "<b>2</b>"})
    figure = new_output("display_data", data={"text/plain": "<Figure>", "image/png": PIXEL})
    gone = new_output("display_data", data={"text/plain": ""})

    text = "\n".join(notebooks.page(ran(small(), printed, value, figure, gone), "01_first"))

    assert "[news](02_news.md), [scores](../scores.md), [data](../../priors/README.md)" in text
    assert text.split("```python\n")[1] == (
        "1 + 1\n```\n\n```text\nhello\n```\n\n```text\n2\n```\n\n"
        "![Figure of the cell above](../images/notebooks/01_first-1.png)\n"
    )
    assert (notebooks.IMAGES / "01_first-1.png").read_bytes() == b"\x89PNG\r\n\x1a\n"


def test_a_cell_that_warns_makes_no_page(notebooks: ModuleType) -> None:
    warned = ran(small(), new_output("stream", name="stderr", text="UserWarning: odd"))

    with pytest.raises(notebooks.NoPageError) as caught:
        list(notebooks.page(warned, "01_first"))

    assert str(caught.value) == ("01_first: a cell warns, which its reader would see:\n1 + 1\n\nUserWarning: odd")


def test_outputs_that_were_stored_and_pages_that_are_old_are_faults(notebooks: ModuleType) -> None:
    path, page = notebooks.NOTEBOOKS / "01_first.ipynb", notebooks.PAGES / "01_first.md"
    old = "docs/notebooks/01_first.md: cell 1 is not as in the notebook; run scripts/notebooks.py"
    nbformat.write(small(), path)
    assert list(notebooks.faults(path)) == [old]

    page.write_text("\n".join(notebooks.page(small(), "01_first")), encoding="utf-8")
    assert list(notebooks.faults(path)) == []

    edited = small()
    edited.cells[1].source = "1 + 2"
    nbformat.write(edited, path)
    assert list(notebooks.faults(path)) == [old.replace("cell 1", "cell 2")]

    nbformat.write(ran(small(), new_output("stream", name="stdout", text="2")), path)
    assert list(notebooks.faults(path)) == [
        "notebooks/01_first.ipynb: cell 2 is stored with what it gave; clear all outputs and save"
    ]


@pytest.mark.parametrize("kind", ["code", "markdown"])
def test_a_cell_in_another_order_is_a_fault(notebooks: ModuleType, kind: str) -> None:
    path = notebooks.NOTEBOOKS / "01_first.ipynb"
    make = new_code_cell if kind == "code" else new_markdown_cell
    two = [make("first = 1"), make("second = 2")]
    (notebooks.PAGES / "01_first.md").write_text("\n".join(notebooks.page(new_notebook(cells=two), "01_first")))
    nbformat.write(new_notebook(cells=two[::-1]), path)

    assert list(notebooks.faults(path)) == [
        "docs/notebooks/01_first.md: cell 2 is not as in the notebook; run scripts/notebooks.py"
    ]
