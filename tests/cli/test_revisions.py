"""Specs read from revisions of a git repository, for `specc diff`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from gits import Git, commit, repository
from writing import spec

from specc.cli import main
from specc.revisions import RevisionError, Versions, is_spec, read_versions


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Make a repository in which one is, and return how to call git there."""
    return repository(tmp_path, monkeypatch)


def write(path: str, units: int, **more: Any) -> None:
    """Write a spec of one layer."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(spec([4], [{"dense": units}], **more), encoding="utf-8")


def units(data: bytes | None) -> int | None:
    """Return the units of the one layer, None where there is no spec."""
    return None if data is None else int(json.loads(data)["layers"][0]["dense"])


def told(*sides: str) -> list[tuple[str, int | None, int | None]]:
    """Return name, units before and units after of what differs."""
    return [(v.name, units(v.old), units(v.new)) for v in read_versions(sides)]


def test_a_revision_against_the_files_as_they_are(git: Git) -> None:
    write("a.yaml", 1)
    write("specs/b.yml", 1)
    Path("config.yaml").write_text("name: x\n")
    commit(git)
    write("a.yaml", 2)
    write("specs/b.yml", 3)
    write("specs/new.yaml", 4)  # which git does not know
    Path("config.yaml").write_text("name: y\n")
    assert told("HEAD") == [("a.yaml", 1, 2), ("specs/b.yml", 1, 3), ("specs/new.yaml", None, 4)]
    assert told("HEAD", "specs/") == [("specs/b.yml", 1, 3), ("specs/new.yaml", None, 4)]
    assert told("HEAD", "a.yaml") == [("a.yaml", 1, 2)]
    assert read_versions(["HEAD", "config.yaml"])[0].name == "config.yaml"  # named itself


def test_two_revisions(git: Git) -> None:
    write("a.yaml", 1)
    first = commit(git)
    write("a.yaml", 2)
    commit(git)
    write("a.yaml", 3)
    for sides in ([f"{first}..HEAD"], [first, "HEAD"], ["HEAD~1..HEAD"], [f"{first[:8]}.."]):
        assert told(*sides) == [("a.yaml", 1, 2)]
    assert told("HEAD~1") == [("a.yaml", 1, 3)]
    assert told("HEAD~1:a.yaml", "a.yaml") == [("HEAD~1:a.yaml -> a.yaml", 1, 3)]
    assert told("HEAD..HEAD") == []


def test_three_points_tell_what_a_branch_changed(git: Git) -> None:
    write("a.yaml", 1)
    write("b.yaml", 1)
    commit(git)
    git("checkout", "--quiet", "-b", "mine")
    write("a.yaml", 2)
    commit(git)
    git("checkout", "--quiet", "main")
    write("b.yaml", 5)
    commit(git)
    assert told("main...mine") == [("a.yaml", 1, 2)]
    assert told("main..mine") == [("a.yaml", 1, 2), ("b.yaml", 5, 1)]


def test_added_deleted_and_renamed(git: Git) -> None:
    write("old.yaml", 7)
    write("gone.yaml", 2, description="Something else, " * 20, metrics=["mae"])
    commit(git)
    git("mv", "old.yaml", "new.yaml")
    git("rm", "--quiet", "gone.yaml")
    write("more.yaml", 9, seed=1, description="Nothing that was there before. " * 30)
    commit(git)
    found = {v.name: v for v in read_versions(["HEAD~1..HEAD"])}
    assert {name: (units(v.old), units(v.new)) for name, v in found.items()} == {
        "gone.yaml": (2, None),
        "more.yaml": (None, 9),
        "new.yaml": (7, 7),
    }
    assert found["new.yaml"].renamed == "old.yaml"


def test_from_a_folder_of_the_repository(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.yaml", 1)
    write("specs/b.yaml", 1)
    commit(git)
    write("a.yaml", 2)
    write("specs/b.yaml", 2)
    monkeypatch.chdir("specs")
    assert told("HEAD", ".") == [("specs/b.yaml", 1, 2)]
    assert told("HEAD", "../a.yaml") == [("a.yaml", 1, 2)]
    assert told("HEAD:b.yaml", "b.yaml") == [("HEAD:b.yaml -> b.yaml", 1, 2)]
    with pytest.raises(RevisionError, match="expected a path within"):
        read_versions(["HEAD", "../../elsewhere"])


def test_a_path_is_no_pattern(git: Git) -> None:
    write("a.yaml", 1)
    write("*.yaml", 1)
    commit(git)
    write("a.yaml", 2)
    write("*.yaml", 2)
    assert told("HEAD", "*.yaml") == [("*.yaml", 1, 2)]
    for path in ("a*.yaml", ":/a.yaml", ":(exclude)b", "[a].yaml"):
        with pytest.raises(RevisionError, match="expected a path or a revision"):
            read_versions(["HEAD", path])


@pytest.mark.parametrize(
    "revision",
    [
        "--output=stolen",
        "-p",
        "--upload-pack=touch stolen",
        "no_such",
        "HEAD^{tree}",
        "HEAD:a.yaml",
        "",
        "HEAD\0",
        "..",
        "...x",
        "--..--output=stolen",
        "@{-1}",
        "a b",
        "HEAD~999999",
        "\n",
    ],
)
def test_strange_revisions(
    revision: str, git: Git, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write("a.yaml", 1)
    commit(git)
    for sides in ([revision], ["HEAD", revision], [f"HEAD..{revision}"]):
        if sides in (["HEAD.."], ["HEAD", ".."], [".."]):
            continue
        assert main(["diff", "--", *sides]) == 2, sides
        assert capsys.readouterr().err.startswith("specc: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", "a.yaml"]


def test_no_repository_and_no_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert main(["diff", "HEAD"]) == 2
    assert "not a git repository" in capsys.readouterr().err
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["diff", "HEAD"]) == 2
    assert "revisions need git, which is not installed" in capsys.readouterr().err
    write("old.yaml", 1)
    write("new.yaml", 2)
    assert main(["diff", "old.yaml", "new.yaml"]) == 0  # which needs no git


def test_a_link_is_not_followed(git: Git, tmp_path: Path) -> None:
    write("a.yaml", 1)
    commit(git)
    secret = tmp_path.parent / f"{tmp_path.name}.yaml"
    secret.write_text(spec([4], [{"dense": 2}]))
    Path("a.yaml").unlink()
    Path("a.yaml").symlink_to(secret)
    assert [(v.name, v.new) for v in read_versions(["HEAD"])] == [("a.yaml", None)]


def test_settings_of_the_repository_run_nothing(git: Git, tmp_path: Path) -> None:
    write("a.yaml", 1)
    Path(".gitattributes").write_text("*.yaml diff=evil\n")
    commit(git)
    write("a.yaml", 2)
    for key in ("diff.external", "diff.evil.command", "diff.evil.textconv", "core.fsmonitor"):
        git("config", key, "touch stolen; false")
    assert told("HEAD") == [("a.yaml", 1, 2)]
    assert not (tmp_path / "stolen").exists()


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.yaml", "name: x\ninput: [4]\nlayers: [flatten]\n", True),
        ("a.yml", '{"name": "x", "input": [4], "layers": []}', True),
        ("a.yaml", '# first\n---\n{"name": "x", "layers": []}', True),
        ("a.json", "name: x\ninput: [4]\nlayers: [flatten]\n", False),
        ("a.yaml", "name: x\nsteps: []\n", False),
        ("a.yaml", "jobs:\n  name: x\n  input: 1\n  layers: 2\n", False),
        ("a.yaml", "\0", False),
    ],
)
def test_which_files_are_specs(path: str, text: str, expected: bool) -> None:
    assert is_spec(path, text.encode()) is expected


def test_one_report_for_each_spec(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    write("a.yaml", 1)
    write("b.yaml", 1)
    commit(git)
    write("a.yaml", 2)
    Path("b.yaml").write_text("# more\n" + Path("b.yaml").read_text())
    assert main(["diff", "HEAD", "--format", "json", "--exit-code"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(one["spec"], one["status"]) for one in found["specs"]] == [
        ("a.yaml", "changed"),
        ("b.yaml", "same"),
    ]
    assert main(["diff", "--exit-code", "HEAD", "--", "b.yaml"]) == 0
    assert main(["diff", "HEAD..HEAD"]) == 0
    assert "No spec differs." in capsys.readouterr().out


def test_versions_hold_how_messages_call_them(git: Git) -> None:
    write("a.yaml", 1)
    first = commit(git)
    write("a.yaml", 2)
    (found,) = read_versions(["HEAD"])
    assert isinstance(found, Versions)
    assert (found.old_name, found.new_name) == (f"{first[:9]}:a.yaml", "a.yaml")


def test_a_spec_that_lost_its_keys_is_wrong_and_not_removed(
    git: Git, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.yaml").write_text("name: a\ninput: [4]\nlayers:\n  - dense: 2\n")
    commit(git)
    Path("a.yaml").write_text("name: a\ninput: [4]\nlayer:\n  - dense: 2\n")
    assert main(["diff", "HEAD"]) == 1
    printed = capsys.readouterr()
    assert "does not compile" in printed.out
    assert "did you mean 'layers'?" in printed.err


# Configuration


def test_a_configuration_says_which_files_are_specs(git: Git) -> None:
    for path in ("specs/a.yaml", "specs/deep/b.yaml", "others/c.yaml"):
        write(path, 1)
    Path("specs/d.yaml").write_text("no: spec")
    commit(git)
    for path in ("specs/a.yaml", "specs/deep/b.yaml", "others/c.yaml"):
        write(path, 2)
    Path("specs/d.yaml").write_text("no: more")
    assert [v.name for v in read_versions(["HEAD"])] == [
        "others/c.yaml",
        "specs/a.yaml",
        "specs/deep/b.yaml",
    ]
    Path("pyproject.toml").write_text('[tool.specc]\nspecs = ["specs/*.yaml"]\n')
    assert [v.name for v in read_versions(["HEAD"])] == ["specs/a.yaml", "specs/d.yaml"]
    assert [v.name for v in read_versions(["HEAD", "others/c.yaml"])] == ["others/c.yaml"]


def test_a_configuration_ignores_warnings(git: Git) -> None:
    write("specs/a.yaml", 1)
    commit(git)
    write("specs/a.yaml", 2)
    more = '[tool.specc.check]\nignore = ["W301"]\nper-file-ignores = {"specs/*" = ["W302"]}\n'
    Path("pyproject.toml").write_text(f"[tool.specc]\n{more}")
    (found,) = read_versions(["HEAD"])
    assert found.ignore == {"W301", "W302"}
    (found,) = read_versions(["HEAD:specs/a.yaml", "specs/a.yaml"])
    assert found.ignore == {"W301", "W302"}


def test_a_wrong_configuration_is_a_wrong_call(
    git: Git, capsys: pytest.CaptureFixture[str]
) -> None:
    write("a.yaml", 1)
    commit(git)
    Path("pyproject.toml").write_text("[tool.specc]\nspecs = 3\n")
    assert main(["diff", "HEAD"]) == 2
    assert "specs of [tool.specc] expects" in capsys.readouterr().err
