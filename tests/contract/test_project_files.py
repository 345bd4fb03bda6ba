"""The files around the code agree with each other and hold what they must, and nothing they must not."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def citation(root: Path) -> dict[str, Any]:
    return yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))


def test_citation_has_what_its_format_requires(citation: dict[str, Any]) -> None:
    assert citation["cff-version"] == "1.2.0"
    assert citation["message"]
    assert citation["title"]
    assert all(author.get("name") or author.get("family-names") for author in citation["authors"])


def test_citation_and_package_name_the_same_version_and_licence(
    citation: dict[str, Any], project: dict[str, Any]
) -> None:
    assert str(citation["version"]) == project["version"]
    assert citation["license"] == project["license"]


def test_changelog_has_a_section_for_what_is_not_released_yet(root: Path) -> None:
    sections = re.findall(r"^## \[(.+?)\]", (root / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert sections[0] == "Unreleased"


def test_lock_holds_a_hash_for_every_package_and_no_address(root: Path) -> None:
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    packages = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]

    assert "://" not in lock
    assert not re.search(r"^-", lock, flags=re.MULTILINE)
    assert [package.splitlines()[0] for package in packages if "--hash=sha256:" not in package] == []
    assert len(packages) > 50


def test_lock_has_every_direct_dependency_at_a_version_the_project_accepts(root: Path, project: dict[str, Any]) -> None:
    locked = dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", (root / "requirements.lock").read_text(), re.MULTILINE))
    wanted = dict(re.fullmatch(r"([a-z0-9-]+)>=([0-9.]+)", text).groups() for text in project["dependencies"])

    assert wanted.keys() <= locked.keys()
    assert {name: locked[name] for name, oldest in wanted.items() if numbers(locked[name]) < numbers(oldest)} == {}


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


@pytest.mark.parametrize("suffix", [".py", ".toml", ".md", ".csv", ".cff", ".ipynb"])
def test_no_file_names_a_place_on_one_machine(root: Path, suffix: str) -> None:
    places = re.compile(r"(?<![\w.])/(?:root|home|Users|work|workspace)/\w")
    folders = ["src", "tests", "scripts", "docs", "priors", "notebooks", "benchmarks"]
    files = [path for folder in folders for path in (root / folder).rglob(f"*{suffix}")] + list(root.glob(f"*{suffix}"))

    named = [str(path.relative_to(root)) for path in files if places.search(path.read_text(encoding="utf-8"))]

    assert named == []
