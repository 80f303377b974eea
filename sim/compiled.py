"""Compiled rules: one decorator, code kept in the user's cache folder, and a line for whoever waits the first
time.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numba.core.event as events
import numpy as np
from platformdirs import user_cache_path
from tqdm import tqdm

F = TypeVar("F", bound=Callable[..., Any])
RULES = (
    "compiled.py",
    "records.py",
    "state.py",
    "luck.py",
    "journal.py",
    "tally.py",
    "rules/*.py",
    "city/ways.py",
    "parameters.csv",
)
NUMBA: Any = numba  # its types say less than it can
CONFIG, TYPES = NUMBA.config, NUMBA.types
CHECKED = bool(CONFIG.BOUNDSCHECK)  # such code is slower and must not serve plain runs
HEX = 16


def digest() -> str:
    """A hash of everything that goes into the machine code: the rules and what they stand on, and the
    compiler.
    """
    here = Path(__file__).parent
    found = sha256(f"{numba.__version__} {np.__version__} {sys.version_info[:3]} {CHECKED}".encode())
    for pattern in RULES:
        for file in sorted(here.glob(pattern)):
            found.update(file.name.encode() + file.read_bytes())
    return found.hexdigest()[:HEX]


DIGEST = digest()


def _folder() -> str | None:
    """Where machine code is kept, or None where nothing can be written."""
    root = Path(os.environ.get("NUMBA_CACHE_DIR") or user_cache_path("petrograd")) / f"rules-{DIGEST}"
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root):
            return str(root)
    except OSError:
        return None


FOLDER = _folder()
_made: list[Any] = []
_said: dict[int, tuple[Any, str]] = {}
_say = TYPES.Record.__repr__


def _say_once(kind: Any) -> str:
    """The name of a record type, made once: numba asks for it a hundred thousand times, and nested records
    have long ones.
    """
    if id(kind) not in _said:
        _said[id(kind)] = kind, _say(kind)
    return _said[id(kind)][1]


TYPES.Record.__repr__ = _say_once


def rule(function: F) -> F:
    """Compile a function that other rules call; to the type checker it stays what it is."""
    return _compile(function, from_python=False)


def entry(function: F) -> F:
    """Compile a function that Python calls as well: an equation, or a way in."""
    return _compile(function, from_python=True)


def compile_own(function: F) -> F:
    """Compile a rule of a user's own, anew in every process: nobody knows when it changes."""
    return _compile(function, from_python=True, kept=False)


def _compile(function: F, *, from_python: bool, kept: bool = True) -> F:
    """Compile when first called.

    Numba looks for changes in a function's own file alone, and would compile it anew for every literal
    argument: here the hash of all rules names the cache, and literals count as plain numbers. What Python
    never calls needs no way in from there.
    """
    if CONFIG.DISABLE_JIT:
        return function
    folder, kept = CONFIG.CACHE_DIR, kept and FOLDER is not None
    CONFIG.CACHE_DIR = FOLDER or folder
    try:
        dispatcher = NUMBA.njit(
            cache=kept,
            nogil=True,
            error_model="numpy",
            no_cfunc_wrapper=True,
            no_cpython_wrapper=not from_python,
        )(function)
    finally:
        CONFIG.CACHE_DIR = folder
    template = dispatcher.get_call_template

    def plain(args: Any, kws: Any) -> Any:
        return template(
            tuple(map(TYPES.unliteral, args)), {name: TYPES.unliteral(arg) for name, arg in kws.items()}
        )

    dispatcher.get_call_template = plain
    if kept:
        dispatcher._cache._cache_file._source_stamp = DIGEST
    _made.append(dispatcher)
    return cast(F, dispatcher)


class Waiting(events.Listener):
    """Tells whoever watches that rules are being compiled, and how far that has come; quiet when the cache
    has them.
    """

    def __init__(self) -> None:
        self.bar: Any = None

    def on_start(self, event: Any) -> None:
        """A function begins to be compiled."""
        if self.bar is None:
            lost = ", to be kept on this machine" if FOLDER else " (no folder can be written to keep them in)"
            print(f"petrograd: compiling the rules{lost}: half a minute at most", file=sys.stderr, flush=True)
            self.bar = tqdm(
                total=len(_made),
                file=sys.stderr,
                leave=False,
                disable=None,
                bar_format="{percentage:3.0f} % |{bar}|",
            )

    def on_end(self, event: Any) -> None:
        """A function is compiled."""
        self.bar.update()

    def close(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.close()
            self.bar = None


_waiting = Waiting()


@contextlib.contextmanager
def told() -> Iterator[None]:
    """While this lasts, compiling is announced: once for each size of the tables, which is in the code."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with events.install_listener("numba:compile", _waiting):
        yield
    _waiting.close()
