"""Limits how long what is tested may take."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail where a block takes more CPU time of this thread.

    Garbage is not collected meanwhile: next to frameworks, and what other tests left, that takes
    seconds, of which the block is not the cause.
    """
    collects = gc.isenabled()
    gc.disable()
    begin = time.thread_time()
    try:
        yield
    finally:
        used = time.thread_time() - begin
        if collects:
            gc.enable()
    assert used < seconds, f"{used:.1f} s"
