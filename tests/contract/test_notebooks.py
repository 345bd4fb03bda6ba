"""Every notebook runs from top to bottom, in an empty folder, in its own fast setting."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

pytestmark = pytest.mark.slow

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
# A notebook reads this variable in a cell the reader sees, and asks for fewer draws where it is "1". The sampler stays.
FAST_RUN = "VZFORECAST_FAST_RUN"
SECONDS_PER_CELL = 600


def run(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Execute all cells in order with this interpreter; the first error is raised."""
    client = NotebookClient(
        notebook, timeout=SECONDS_PER_CELL, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    return client.execute()


@pytest.fixture(autouse=True)
def fast_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FAST_RUN, "1")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_from_top_to_bottom(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert any(FAST_RUN in source for source in code), f"{path.name} does not show its fast setting ({FAST_RUN})"

    executed = run(notebook, tmp_path)

    counts = [cell.execution_count for cell in executed.cells if cell.cell_type == "code" and cell.source.strip()]
    assert counts == list(range(1, len(counts) + 1))


def test_the_runner_reports_a_cell_that_fails(tmp_path: Path) -> None:
    notebook = new_notebook(cells=[new_code_cell("x = 1"), new_code_cell("raise ValueError('told')")])

    with pytest.raises(CellExecutionError, match="told"):
        run(notebook, tmp_path)


def test_the_runner_works_in_its_folder_with_the_fast_setting_and_the_projects_python(tmp_path: Path) -> None:
    source = f"import os, vzforecast\nprint(os.getcwd(), os.environ['{FAST_RUN}'])"

    executed = run(new_notebook(cells=[new_code_cell(source)]), tmp_path)

    assert executed.cells[0].outputs[0].text == f"{tmp_path} 1\n"
