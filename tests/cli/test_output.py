"""What a build holds against: kills, full disks, folders that are none, several at once."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from specc.cli import main
from specc.output import write_files
from specc.source import read_spec

ROOT = Path(__file__).parents[2]
SPEC = """\
name: net
seed: {seed}
input: {{shape: [64]}}
layers:
  - dense: 8
optimizer: sgd
loss: mse
training: {{epochs: 1}}
"""
# Two builds each; more by hand: SPECC_EXAMPLES=1000
KILLS = int(os.environ.get("SPECC_EXAMPLES", "100"))


def specc(folder: Path, *words: str, **limits: object) -> subprocess.CompletedProcess[str]:
    """Run specc build in a process of its own."""
    command = [sys.executable, "-m", "specc", "build", "net.yaml", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        **limits,  # type: ignore[call-overload]
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a spec."""
    (tmp_path / "net.yaml").write_text(SPEC.format(seed=1))
    return tmp_path


def test_killed_builds_leave_whole_files(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "tests" / "kill_builds.py"), str(tmp_path)]
    done = subprocess.run(
        [*command, str(KILLS), "0"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    killed = int(re.findall(r"killed (\d+)", done.stdout)[0])
    assert killed > KILLS / 2  # of two builds a turn


def test_a_file_that_cannot_grow(folder: Path) -> None:
    """The system stops the write in its middle, as a full disk does."""
    assert specc(folder).returncode == 0
    before = {p.name: p.read_bytes() for p in folder.glob("*.py")}
    (folder / "net.yaml").write_text(SPEC.format(seed=2))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    done = specc(folder, preexec_fn=limit)
    assert done.returncode == 2
    assert "cannot write to .: File too large" in done.stderr
    assert {p.name: p.read_bytes() for p in folder.glob("*.py")} == before
    assert not list(folder.glob(".*"))


@pytest.fixture
def disk(folder: Path) -> Iterator[Path]:
    """Return a file system of 16 KiB, 12 of them taken."""
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "none", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    (disk / "filler").write_bytes(b"x" * 12000)
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk(folder: Path, disk: Path) -> None:
    done = specc(folder, "-o", "disk")
    assert done.returncode == 2
    assert "cannot write to disk: No space left on device" in done.stderr
    assert [p.name for p in disk.iterdir()] == ["filler"]


def test_a_folder_that_is_read_only(folder: Path, disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    done = specc(folder, "-o", "disk")
    assert done.returncode == 2
    assert "cannot write to disk: Read-only file system" in done.stderr


@pytest.mark.parametrize("link", ["real", "missing"])
def test_an_output_folder_that_is_a_link(folder: Path, link: str) -> None:
    (folder / "real").mkdir()
    (folder / "out").symlink_to(link)
    done = specc(folder, "-o", "out")
    assert done.returncode == (0 if link == "real" else 2), done.stderr
    assert len(list((folder / "real").iterdir())) == (2 if link == "real" else 0)
    if link == "missing":
        assert "cannot write to out: " in done.stderr


def test_two_builds_at_once(folder: Path) -> None:
    command = [sys.executable, "-m", "specc", "build", "net.yaml", "-o", "out"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    running = [
        subprocess.Popen(command, cwd=folder, env=environment, **quiet)  # type: ignore[call-overload]
        for _ in range(4)
    ]
    for process in running:
        _, told = process.communicate(timeout=60)
        assert process.returncode == 0, told
    assert sorted(p.name for p in (folder / "out").iterdir()) == ["net_keras.py", "net_torch.py"]
    assert specc(folder, "-o", "out", "--check").returncode == 0


def test_a_spec_that_changes_while_it_is_read(tmp_path: Path) -> None:
    """What is read is the old text or the new one, never a part of both, or it is told."""
    path = tmp_path / "net.yaml"
    texts = [b"a" * 3_000_000, b"b" * 3_000_000]
    path.write_bytes(texts[0])
    ended = threading.Event()

    def write() -> None:
        turn = 0
        while not ended.is_set():
            turn += 1
            with open(path, "r+b") as file:  # in place, in two parts
                file.write(texts[turn % 2][:1_000_000])
                file.flush()
                time.sleep(0.001)
                file.write(texts[turn % 2][1_000_000:])
            time.sleep(0.05)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        found = [read(path) for _ in range(30)]
    finally:
        ended.set()
        writer.join()
    whole = [data for data in found if data is not None]
    assert len(whole) > 5
    assert {len(set(data)) for data in whole} == {1}


def read(path: Path) -> bytes | None:
    """Return what a file holds, or None where specc tells that it changes."""
    try:
        return read_spec(path)
    except ValueError:
        return None  # it changes while it is read


def test_a_file_keeps_its_mode_and_a_new_one_has_the_usual(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("")
    old.chmod(0o600)
    write_files({old: "a", new: "b"})
    assert old.stat().st_mode & 0o777 == 0o600
    assert new.stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    found = os.umask(0)
    os.umask(found)
    return found


def test_what_a_killed_build_left_is_removed_in_time(tmp_path: Path) -> None:
    names = [".a.py.0123456789ab.tmp", ".b.py.0123456789ab.tmp", ".mine.tmp", "c.py"]
    for name in names:
        (tmp_path / name).write_text("x")
    for name in (names[0], names[2], names[3]):
        os.utime(tmp_path / name, (0, 0))
    write_files({tmp_path / "d.py": ""})
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*names[1:], "d.py"])


def test_nothing_but_the_programs_is_touched(folder: Path) -> None:
    before = set(folder.rglob("*"))
    assert main(["build", str(folder / "net.yaml"), "-o", str(folder / "out")]) == 0
    new = {str(p.relative_to(folder)) for p in set(folder.rglob("*")) - before}
    assert new == {"out", "out/net_torch.py", "out/net_keras.py"}
