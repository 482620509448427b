"""What git has of a spec or a program: earlier texts, and the two sides of a merge.

A build asks where a program is not as it was made. Without git, or where git does not know the
file, there is nothing to tell.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from specc.revisions import Repository, RevisionError

# A program is mostly that of the last commit or the one before.
_MOST_COMMITS = 50

# Where git keeps both sides: while the merge goes on, once it was added, once it was committed.
_SIDES = ((":2", ":3"), ("HEAD", "MERGE_HEAD"), ("HEAD^1", "HEAD^2"))


def past_texts(spec: str, file: str) -> Iterator[bytes]:
    """Yield the texts that a spec had, the newest first, that of the index before those.

    Arguments:
        spec: The path of its file.
        file: The name of its file at that time; it is looked for in the folder of today.
    """
    try:
        repository = Repository.here()
        path = repository.within(os.path.join(os.path.dirname(spec), file))
        for commit in (":0", *repository.touching(path, _MOST_COMMITS)):
            data = repository.blob(commit, path)
            if data is not None:
                yield data
    except (RevisionError, ValueError):  # on Windows a file may be on another drive
        return


def merged_texts(path: str) -> Iterator[tuple[str, str]]:
    """Yield both sides of what may be the last merge of a file."""
    try:
        repository = Repository.here()
        inside = repository.within(path)
        for one, other in _SIDES:
            ours, theirs = repository.blob(one, inside), repository.blob(other, inside)
            if ours is not None and theirs is not None:
                yield ours.decode("utf-8", "replace"), theirs.decode("utf-8", "replace")
    except (RevisionError, ValueError):
        return
