"""Find a case and read it: the embedded one, another by name, or a folder."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from pydantic import ValidationError

from vzforecast.case import priorsfile
from vzforecast.case.case import Case
from vzforecast.case.checks.parts import CASE_FILE, Parts
from vzforecast.case.csvfile import Reading, read_table
from vzforecast.case.schema import CaseSpec
from vzforecast.case.tables import TABLES
from vzforecast.case.validate import find_faults
from vzforecast.errors import CaseError, CaseNotFoundError, Fault
from vzforecast.inputs.toml_faults import toml_faults, unknown_keys, without
from vzforecast.inputs.wording import meant, meant_or
from vzforecast.priors import PriorSpec

DEFAULT_CASE: Final = "venezuela-2025"
_SCHEDULE: Final = TABLES["schedule"]
_FILES: Final = (CASE_FILE, priorsfile.FILE, *(schema.file for schema in TABLES.values()))


def load_case(name_or_folder: str | Path | None = None) -> Case:
    """Read a case and check it whole.

    Parameters
    ----------
    name_or_folder : str or pathlib.Path, optional
        Name of an embedded case, or a folder of TOML and CSV files; the embedded default case if not given. A text
        without a path separator that names an embedded case means that case; write ``./name`` for a folder.

    Returns
    -------
    Case
        The case, without contradictions.

    Raises
    ------
    CaseNotFoundError
        There is no such case or folder.
    CaseError
        Its files have faults; all of them are listed.

    Examples
    --------
    >>> load_case().spec.name
    'venezuela-2025'
    """
    folder = _find(DEFAULT_CASE if name_or_folder is None else name_or_folder)
    faults: list[Fault] = []
    texts = _texts(folder, faults)
    spec = _read_spec(texts, faults)
    priors = _read_priors(texts, faults)
    if spec is not None and not (folder / _SCHEDULE.file).exists():
        texts |= _without_schedule(spec, faults)
    readings = _read_tables(texts)
    faults += [fault for reading in readings.values() for fault in reading.faults]
    tables = {name: reading.frame for name, reading in readings.items() if reading.frame is not None}
    complete = frozenset(name for name, reading in readings.items() if not reading.faults)
    faulty = {name: reading.faulty for name, reading in readings.items()}
    faults += find_faults(Parts(spec, priors, tables, complete, faulty))
    if faults:
        raise CaseError(faults)
    case = Case(cast(CaseSpec, spec), cast(Mapping[str, PriorSpec], priors), tables, folder)
    return case.without(*case.spec.variant.without)  # which also drops a schedule that is declared and left out


def embedded_cases() -> list[str]:
    """Return the names of the cases that ship with the library.

    Returns
    -------
    list of str
        Names that `load_case` takes.

    Examples
    --------
    >>> embedded_cases()
    ['venezuela-2025']
    """
    return sorted(path.parent.name for path in _embedded_root().glob(f"*/{CASE_FILE}"))


def _embedded_root() -> Path:
    """Return the folder of embedded cases: inside an installed package, or in the source tree of an editable one."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "priors"
    return installed if installed.is_dir() else package.parents[1] / "priors"


def _find(name_or_folder: str | Path) -> Path:
    embedded = embedded_cases()
    if isinstance(name_or_folder, str) and name_or_folder in embedded:
        return _embedded_root() / name_or_folder
    folder = Path(name_or_folder)
    if any((folder / name).exists() for name in _FILES):
        return folder
    listed = f"the embedded cases are: {', '.join(embedded) or 'none'}"
    if folder.is_dir():
        raise CaseNotFoundError(f"no file of a case in the folder {str(folder)!r}; {listed}")
    if folder.exists():
        raise CaseNotFoundError(f"{str(folder)!r} is a file; give the folder of the case")
    suggestion = meant(str(name_or_folder), embedded)
    raise CaseNotFoundError(f"no case or folder {str(name_or_folder)!r}; {suggestion}{listed}")


def _texts(folder: Path, faults: list[Fault]) -> dict[str, str]:
    """Read every file of the format, and object to CSV and TOML files that no one would read."""
    texts = {}
    for name in _FILES:
        try:
            texts[name] = (folder / name).read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            if name != _SCHEDULE.file:  # whether it may be missing is for the declarations to say
                faults.append(_missing(name))
        except UnicodeDecodeError:
            faults.append(Fault(name, "file", "", "not UTF-8 text", "save it as UTF-8"))
        except OSError as error:
            faults.append(Fault(name, "file", "", f"cannot be read ({error.strerror})", "make it a readable file"))
    faults.extend(_strays(folder))
    return texts


def _missing(name: str) -> Fault:
    remedy = "add it, a table without rows with its header alone" if name.endswith(".csv") else "add it"
    return Fault(name, "file", "", "file missing", remedy)


def _without_schedule(spec: CaseSpec, faults: list[Fault]) -> dict[str, str]:
    """Return the text of an empty schedule in place of a file that is missing, unless the case declares what needs it.

    A case that declares nothing scheduled can have no rows in it, so its folder needs no file.
    """
    if spec.scheduled is None:
        return {_SCHEDULE.file: _SCHEDULE.empty}
    faults.append(_missing(_SCHEDULE.file))
    return {}


def _strays(folder: Path) -> Iterator[Fault]:
    stems = [Path(name).stem for name in _FILES]
    for path in sorted(folder.iterdir()):
        if path.suffix in {".csv", ".toml"} and path.name not in _FILES:
            remedy = meant_or(path.stem, stems, "move it elsewhere, since nothing would read it")
            yield Fault(path.name, "file", "", "not a file of a case", remedy)


def _parse_toml(file: str, texts: Mapping[str, str], faults: list[Fault]) -> dict[str, Any] | None:
    if file not in texts:
        return None
    try:
        return tomllib.loads(texts[file])
    except tomllib.TOMLDecodeError as error:
        problem, _, place = str(error).rpartition(" (at ")
        faults.append(Fault(file, place.rstrip(")"), "", f"not valid TOML: {problem}", "correct the syntax there"))
        return None


def _read_spec(texts: Mapping[str, str], faults: list[Fault]) -> CaseSpec | None:
    """Read the declarations; unknown keys aside, so that one of them does not hide every other fault."""
    document = _parse_toml(CASE_FILE, texts, faults)
    if document is None:
        return None
    try:
        return CaseSpec.model_validate(document)
    except ValidationError as error:
        faults.extend(toml_faults(CASE_FILE, document, CaseSpec, error))
        unknown = unknown_keys(error)
    try:
        return CaseSpec.model_validate(without(document, unknown))
    except ValidationError:
        return None


def _read_priors(texts: Mapping[str, str], faults: list[Fault]) -> dict[str, PriorSpec | None] | None:
    document = _parse_toml(priorsfile.FILE, texts, faults)
    if document is None:
        return None
    priors, found = priorsfile.read_priors(document)
    faults.extend(found)
    return priors


def _read_tables(texts: Mapping[str, str]) -> dict[str, Reading]:
    return {name: read_table(schema, texts[schema.file]) for name, schema in TABLES.items() if schema.file in texts}
