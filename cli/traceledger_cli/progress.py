"""Progress bars: on stderr, on terminals only, for work that takes longer than a second."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

import click

__all__ = ["progress"]

_AFTER = 1.0
_EVERY = 0.1
_WIDTH = 30


@contextlib.contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Shows progress towards `total`; yields a function that receives the number done so far."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    bar = _Bar(label, total, time.monotonic())
    try:
        yield bar.step
    finally:
        bar.clear()


class _Bar:
    def __init__(self, label: str, total: int, start: float) -> None:
        self._label = label
        self._total = max(total, 1)
        self._next = start + _AFTER
        self._shown = False

    def step(self, done: int) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _EVERY
        self._shown = True
        done = min(done, self._total)
        full = done * _WIDTH // self._total
        bar = "━" * full + click.style("━" * (_WIDTH - full), dim=True)
        text = f"\r{self._label} {bar} {done * 100 // self._total:3d} %"
        click.echo(text, err=True, nl=False)

    def clear(self) -> None:
        if self._shown:
            click.echo("\r\033[K", err=True, nl=False)
