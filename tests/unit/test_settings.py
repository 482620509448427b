"""`[tool.specc]` in pyproject.toml: what it may say, and what is told where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from specc.settings import SettingsError, find_settings


def settings(folder: Path, text: str) -> object:
    """Write a configuration and read it."""
    (folder / "pyproject.toml").write_text(text)
    return find_settings(folder)


def test_defaults(tmp_path: Path) -> None:
    found = settings(tmp_path, '[tool.specc]\nspecs = ["*.yaml"]\n')
    assert found is not None
    assert found == find_settings(tmp_path / "below")
    assert vars(found) == {
        "root": tmp_path,
        "specs": ("*.yaml",),
        "outputs": {"torch": tmp_path, "keras": tmp_path},
        "ignore": (),
        "per_file_ignores": {},
    }


def test_all_keys(tmp_path: Path) -> None:
    found = find_settings(tmp_path)
    assert found is None
    text = """
    [tool.specc]
    specs = ["a/*.yaml", "b/**/*.yaml"]
    targets = ["torch"]
    output = {torch = "x/y"}
    [tool.specc.check]
    ignore = ["W301"]
    per-file-ignores = {"a/*.yaml" = ["W302", "W303"]}
    """
    (tmp_path / "pyproject.toml").write_text(text)
    found = find_settings(tmp_path)
    assert found is not None
    assert found.outputs == {"torch": tmp_path / "x" / "y"}
    assert found.ignore == ("W301",)
    assert found.per_file_ignores == {"a/*.yaml": ("W302", "W303")}


def test_specs_are_found_once_and_sorted(tmp_path: Path) -> None:
    found = settings(tmp_path, '[tool.specc]\nspecs = ["s/**/*.yaml", "s/b.yaml"]\n')
    for name in ("b", "a", "c/d"):
        path = tmp_path / "s" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    files = find_settings(tmp_path).spec_files()  # type: ignore[union-attr]
    assert [str(path.relative_to(tmp_path)) for path in files] == [
        "s/a.yaml",
        "s/b.yaml",
        "s/c/d.yaml",
    ]
    assert found is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.specc]\nspec = ['a']", "unknown key 'spec' in [tool.specc]; did you mean 'specs'?"),
        ("[tool.specc]\nspecs = 'a'", "specs of [tool.specc] expects a list of globs"),
        ("[tool.specc]\nspecs = [1]", "specs of [tool.specc] expects a list of globs"),
        ("[tool.specc]\nspecs = ['/etc/*']", "expects globs of files below its folder"),
        ("[tool.specc]\nspecs = ['../*']", "expects globs of files below its folder"),
        ("[tool.specc]\ntargets = ['jax']", "targets of [tool.specc] expects a list of torch"),
        ("[tool.specc]\noutput = 3", "output of [tool.specc] expects a folder below"),
        ("[tool.specc]\noutput = '../x'", "output of [tool.specc] expects a folder below"),
        ("[tool.specc]\noutput = '/x'", "output of [tool.specc] expects a folder below"),
        ("[tool.specc]\noutput = 'C:\\x'", "output of [tool.specc] expects a folder below"),
        ("[tool.specc]\noutput = 'a\\..\\..\\x'", "output of [tool.specc] expects a folder below"),
        ("[tool.specc]\noutput = {torch = 'x'}", "output of [tool.specc] expects a folder below"),
        ("[tool.specc]\noutput = {torch='x', keras='y', jax='z'}", "expects a folder below"),
        ("[tool.specc.check]\nignores = []", "unknown key 'ignores' in [tool.specc.check]"),
        ("[tool.specc.check]\nignore = 'W1'", "ignore of [tool.specc.check] expects a list"),
        ("[tool.specc.check]\nper-file-ignores = []", "expects a table of globs"),
        ("[tool.specc.check.per-file-ignores]\na = 'W1'", "expects a list of codes"),
        ("[tool]\nspecc = 3", "expected a table [tool.specc], found 3"),
        ("[tool.specc]\ncheck = 3", "expected a table [tool.specc.check], found 3"),
        ("[tool.specc\n", "expected TOML"),
        ("tool = 'specc'", "expected TOML with a table [tool.specc]"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        settings(tmp_path, text)
    assert str(raised.value).startswith(str(tmp_path / "pyproject.toml"))
    assert message in str(raised.value)


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.specc]\nspecs = ['\xff']\n")
    with pytest.raises(SettingsError, match="expected TOML"):
        find_settings(tmp_path)


def test_the_next_one_above_counts(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'specc'\n")
    settings(tmp_path, '[tool.specc]\nspecs = ["*.yaml"]\n')
    found = find_settings(tmp_path / "a")
    assert found is not None
    assert found.root == tmp_path
