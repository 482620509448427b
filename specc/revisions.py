"""Reads two versions of specs: from files, or from revisions of a git repository.

Git is only asked, by lists of arguments. A revision becomes the name of a commit before anything
else is asked with it, and none can be an option.
"""

from __future__ import annotations

import os
import posixpath
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from specc.check import ignored, matches
from specc.diagnostics import printable
from specc.settings import Settings, SettingsError, find_settings
from specc.source import read_spec, read_stream
from specc.spec_files import ENDINGS, is_spec


class RevisionError(Exception):
    """Raised where versions cannot be read; its text says why, in one sentence."""


@dataclass(frozen=True, slots=True)
class Versions:
    """One spec before and after.

    Attributes:
        name: How a report calls it.
        old: The bytes before, None where there was no such spec.
        new: The bytes after, None where there is none any more.
        old_name: How messages call the version before.
        new_name: How they call the one after.
        renamed: The path before, where it was another one, else None.
        ignore: Codes of warnings that the configuration ignores in this spec.
    """

    name: str
    old: bytes | None
    new: bytes | None
    old_name: str
    new_name: str
    renamed: str | None = None
    ignore: frozenset[str] = frozenset()


def read_versions(sides: Sequence[str], paths: Sequence[str] = ()) -> list[Versions]:
    """Return the specs that differ between two versions.

    Arguments:
        sides: OLD and NEW, each a file, `-` for standard input, or `REVISION:PATH`; or one
            revision, which is compared with the files as they are, two, or both as `A..B` (with
            `A...B` from where they parted); behind revisions paths, to which the specs are limited.
        paths: Further such paths, whatever else their names may mean.

    Errors:
        RevisionError: they cannot be read.
    """
    if not sides:
        sides, paths = paths, ()
    options = [side for side in sides if side.startswith("-") and side != "-"]
    if options or not sides:
        found = repr(options[0]) if options else "none"
        raise RevisionError(f"expected files or revisions, found {found}")
    if len(sides) == 2 and not paths:
        missing = [side for side in sides if not _is_one_file(side)]
        if not missing:
            return _two_files(*sides)
        if len(missing) == 1 and missing[0].endswith(ENDINGS) and _is_one_file(sides[0]):
            raise RevisionError(f"expected a file, found no {missing[0]}")
    repository = Repository.here()
    old, new, inside = repository.sides(sides, paths)
    return repository.changed(old, new, inside)


# Files


def _is_one_file(side: str) -> bool:
    if side == "-" or os.path.isfile(side):
        return True
    exists = os.path.lexists(side) and not os.path.isdir(side)  # a device or a pipe
    return exists or _path_of(side) is not None


def _path_of(side: str) -> tuple[str, str] | None:
    """Return revision and path of `REVISION:PATH`, or None."""
    revision, colon, path = side.partition(":")
    return (revision, path) if colon and revision and path else None


def _two_files(old: str, new: str) -> list[Versions]:
    if old == new == "-":
        raise RevisionError("expected at most one version from standard input, found two")
    before, after = _read(old), _read(new)
    names = [printable("<stdin>" if side == "-" else side) for side in (old, new)]
    name, ignore = f"{names[0]} -> {names[1]}", Configured.here().ignored(new)
    return [Versions(name, before, after, names[0], names[1], ignore=ignore)]


def _read(side: str) -> bytes:
    revision = None if side == "-" or os.path.lexists(side) else _path_of(side)
    if revision is not None:
        return _read_revision(*revision)
    try:
        return read_stream(sys.stdin.buffer) if side == "-" else read_spec(Path(side))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise RevisionError(f"cannot read {side}: {reason or error}") from None


def _read_revision(revision: str, path: str) -> bytes:
    repository = Repository.here()
    commit = repository.commit(revision)
    # As git does it, from the top of the repository; what is not there may be in this folder.
    found = None if path.startswith(".") else repository.blob(commit, posixpath.normpath(path))
    found = repository.blob(commit, repository.within(path)) if found is None else found
    if found is None:
        raise RevisionError(f"expected a file at {revision}, found no {path}")
    return found


# Configuration


@dataclass(frozen=True, slots=True)
class Configured:
    """What [tool.specc] says of specs.

    Attributes:
        settings: The configuration, or None where there is none.
    """

    settings: Settings | None

    @classmethod
    def here(cls) -> Configured:
        """Return the configuration of the current folder.

        Errors:
            RevisionError: it is wrong.
        """
        try:
            return cls(find_settings(Path()))
        except SettingsError as error:
            raise RevisionError(str(error)) from None

    @property
    def names_specs(self) -> bool:
        """Whether it says which files are specs."""
        return self.settings is not None and bool(self.settings.specs)

    def is_spec(self, path: str) -> bool:
        """Tell whether it names a file as a spec."""
        if self.settings is None:
            return False
        inside = os.path.relpath(path, os.path.realpath(self.settings.root)).replace(os.sep, "/")
        return any(matches(inside, glob) for glob in self.settings.specs)

    def ignored(self, path: str) -> frozenset[str]:
        """Return the codes of warnings that it ignores in a spec."""
        if self.settings is None:
            return frozenset()
        root, ignore = os.path.realpath(self.settings.root), self.settings.ignore
        per_file = self.settings.per_file_ignores
        return ignored(Path(os.path.realpath(path)), Path(root), ignore, per_file)


# Revisions


@dataclass(frozen=True, slots=True)
class Repository:
    """The git repository of the current folder.

    Attributes:
        top: Its folder.
        prefix: The path from there to the current folder, empty or with a slash at its end.
        configured: What its configuration says of specs.
    """

    top: str
    prefix: str
    configured: Configured

    @classmethod
    def here(cls) -> Repository:
        """Return the repository of the current folder.

        Errors:
            RevisionError: there is none, or no git.
        """
        done = _git(["rev-parse", "--show-toplevel", "--show-prefix"], ".")
        if done.returncode:
            reason = done.stderr.decode("utf-8", "replace").split("\n")[0]
            reason = reason.removeprefix("fatal: ")
            raise RevisionError(f"expected two files, or revisions of a repository: {reason}")
        top, prefix = done.stdout.decode("utf-8", "surrogateescape").split("\n")[:2]
        return cls(top, prefix, Configured.here())

    def commit(self, revision: str) -> str:
        """Return the name of the commit that a revision is.

        Errors:
            RevisionError: there is no such revision.
        """
        found = self._commit(revision)
        if found is None:
            hint = "; fetch it first if this is a shallow clone" if self._is_shallow() else ""
            raise RevisionError(f"expected a file or a revision, found {revision!r}{hint}")
        return found

    def _commit(self, revision: str) -> str | None:
        if revision.startswith("-") or "\0" in revision:
            return None
        question = ["rev-parse", "--verify", "--quiet", "--end-of-options"]
        done = _git([*question, f"{revision}^{{commit}}"], self.top)
        name = done.stdout.decode("ascii", "replace").strip()
        return name if not done.returncode and re.fullmatch("[0-9a-f]{40,64}", name) else None

    def _is_shallow(self) -> bool:
        return _git(["rev-parse", "--is-shallow-repository"], self.top).stdout.strip() == b"true"

    def within(self, path: str) -> str:
        """Return a path of the current folder as git calls it.

        Errors:
            RevisionError: it is outside of the repository.
        """
        if os.path.isabs(path):
            path = os.path.relpath(os.path.realpath(path), os.path.realpath(os.curdir))
        found = posixpath.normpath(posixpath.join(self.prefix, path.replace(os.sep, "/")))
        if found == ".." or found.startswith("../"):
            raise RevisionError(f"expected a path within {self.top}, found {path}")
        return found

    def sides(
        self, sides: Sequence[str], paths: Sequence[str]
    ) -> tuple[str, str | None, list[str]]:
        """Return the commits before and after, None for the files as they are, and the paths.

        Errors:
            RevisionError: there is no such revision, or no such path.
        """
        first, *rest = sides
        span = _range(first)
        if span is not None:
            old, new = self.commit(span[0]), self.commit(span[1])
            if span[2]:
                old = self._parting(old, new)
            return old, new, self._paths([*rest, *paths], old, new)
        old, after = self.commit(first), None
        if rest and not os.path.lexists(rest[0]):
            after = self._commit(rest[0])
            rest = rest[1:] if after else rest
        return old, after, self._paths([*rest, *paths], old, after)

    def _parting(self, old: str, new: str) -> str:
        done = _git(["merge-base", old, new], self.top)
        if done.returncode:
            raise RevisionError("expected revisions with a common beginning, found none")
        return done.stdout.decode("ascii").split()[0]

    def _paths(self, paths: Sequence[str], old: str, new: str | None) -> list[str]:
        found = []
        for path in paths:
            inside = self.within(path)
            commits = [c for c in (old, new) if c is not None]
            known = bool(path) and any(self._has(commit, inside) for commit in commits)
            if not known and (new is not None or not os.path.lexists(path)):
                raise RevisionError(f"expected a path or a revision, found {path!r}")
            found.append(inside)
        return found

    def _has(self, commit: str, path: str) -> bool:
        name = commit if path == "." else f"{commit}:{path}"
        return not _git(["cat-file", "-e", name], self.top).returncode

    def changed(self, old: str, new: str | None, paths: Sequence[str]) -> list[Versions]:
        """Return the specs below paths that differ between two commits.

        Arguments:
            new: A commit, or None for the files as they are, those that git does not know included.
        """
        found = []
        for before, after in self._changes(old, new, paths):
            if not any(path and self._may_count(path, paths) for path in (before, after)):
                continue
            was = None if before is None else self.blob(old, before)
            now = None if after is None else self._after(new, after)
            # A file that was a spec is one with mistakes now, whatever is left of its keys.
            counts = any(p and self._counts(p, d, paths) for p, d in ((before, was), (after, now)))
            if counts and (was != now or before != after):
                one = _versions(before, after, was, now, old[:9])
                ignore = self.configured.ignored(os.path.join(self.top, after or before or ""))
                found.append(replace(one, ignore=ignore))
        return found

    def _may_count(self, path: str, paths: Sequence[str]) -> bool:
        if path in paths or not self.configured.names_specs:
            return path in paths or path.endswith(ENDINGS)
        return self.configured.is_spec(os.path.join(self.top, path))

    def _counts(self, path: str, data: bytes | None, paths: Sequence[str]) -> bool:
        """Tell whether a file is told of: one that was named itself, or a spec."""
        if data is None or path in paths or self.configured.names_specs:
            return data is not None and self._may_count(path, paths)
        return is_spec(path, data)

    def _after(self, new: str | None, path: str) -> bytes | None:
        if new is not None:
            return self.blob(new, path)
        file = Path(self.top, path)
        # A link is not followed, as git holds where it leads and not what is there.
        if file.is_symlink() or not file.is_file():
            return None
        try:
            return read_spec(file)
        except (OSError, ValueError) as error:
            raise RevisionError(f"cannot read {path}: {error}") from None

    def _changes(
        self, old: str, new: str | None, paths: Sequence[str]
    ) -> list[tuple[str | None, str | None]]:
        """Return the paths before and after of the files that differ."""
        options = ["--name-status", "-z", "-M", "--no-ext-diff", "--no-textconv"]
        commits = [old] if new is None else [old, new]
        fields = iter(self._fields(["diff", *options, *commits, "--", *paths]))
        found: list[tuple[str | None, str | None]] = []
        for status in fields:
            path = next(fields)
            if status[0] in "RC":
                found.append((path if status[0] == "R" else None, next(fields)))
            else:
                found.append((None if status == "A" else path, None if status == "D" else path))
        if new is None:
            untracked = ["ls-files", "--others", "--exclude-standard", "-z", "--", *paths]
            found += [(None, path) for path in self._fields(untracked)]
        return sorted(found, key=lambda both: both[1] or both[0] or "")

    def _fields(self, arguments: Sequence[str]) -> list[str]:
        done = _git(arguments, self.top)
        if done.returncode:
            reason = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
            raise RevisionError(f"git {arguments[0]} failed: {reason}")
        return done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]

    def touching(self, path: str, most: int) -> list[str]:
        """Return the last commits before HEAD that changed a file, newest first."""
        done = _git(["rev-list", f"--max-count={most}", "HEAD", "--", path], self.top)
        return [] if done.returncode else done.stdout.decode("ascii").split()

    def blob(self, commit: str, path: str) -> bytes | None:
        """Return what a file holds at a commit, None where there is no such file.

        Arguments:
            commit: Also what git calls a stage of its index: `:0`, or in a merge `:1` to `:3`.

        Errors:
            RevisionError: it holds more than a spec may.
        """
        command = [*_GIT, "cat-file", "blob", f"{commit}:{path}"]
        with subprocess.Popen(
            command, cwd=self.top, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            assert process.stdout is not None
            try:
                data = read_stream(process.stdout)  # type: ignore[arg-type]
            except ValueError as error:
                process.kill()
                raise RevisionError(f"cannot read {path}: {error}") from None
        return None if process.returncode else data


def _range(side: str) -> tuple[str, str, bool] | None:
    """Return both ends of `A..B`, HEAD where one is left out, and whether it has three points."""
    for points in ("...", ".."):
        before, found, after = side.partition(points)
        if found and not os.path.lexists(side):
            return before or "HEAD", after or "HEAD", points == "..."
    return None


def _versions(
    before: str | None, after: str | None, old: bytes | None, new: bytes | None, commit: str
) -> Versions:
    # What is there, but no file that can be read as a spec (a link, a folder), is not.
    before, after = before if old is not None else None, after if new is not None else None
    names = [printable(path or "") for path in (before, after)]
    renamed = names[0] if before and after and before != after else None
    return Versions(
        name=names[1] or names[0],
        old=old,
        new=new,
        old_name=f"{commit}:{names[0]}",
        new_name=names[1],
        renamed=renamed,
    )


# Literal paths: none of them is a pattern. No setting of the repository names a command to run.
_GIT = [
    *("git", "--literal-pathspecs", "--no-pager"),
    *("-c", "core.fsmonitor=false", "-c", "core.quotePath=false"),
]


def _git(arguments: Sequence[str], folder: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        return subprocess.run(
            [*_GIT, *arguments], cwd=folder, env=environment, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise RevisionError("revisions need git, which is not installed") from None
    except ValueError as error:
        raise RevisionError(f"expected revisions and paths: {error}") from None
