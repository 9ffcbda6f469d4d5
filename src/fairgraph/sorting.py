"""The order of texts with numbers in them; sorting more lines than fit into memory."""

from __future__ import annotations

import heapq
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import IO

# Lines sorted at a time: about 150 MB of N-Triples.
LINES = 1_000_000
_DIGITS = re.compile(r"([0-9]+)")


def natural(text: str) -> list[tuple[int, str]]:
    """Return a key that sorts numbers in texts by their value: ``s2`` before ``s10``, however long they are."""
    return [
        (len(number), number) if place % 2 else (0, part)
        for place, part in enumerate(_DIGITS.split(text))
        for number in (part.lstrip("0"),)
    ]


def sorted_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield distinct lines in order of their bytes; above a million lines they are sorted through temporary files."""
    with ExitStack() as stack:
        runs: list[Iterable[bytes]] = []
        block: list[bytes] = []
        for line in lines:
            block.append(line)
            if len(block) >= LINES:
                file: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())
                file.writelines(sorted(block))
                file.seek(0)
                runs.append(file)
                block.clear()
        block.sort()
        last = None
        for line in heapq.merge(*runs, block) if runs else block:
            if line != last:
                yield line
            last = line
