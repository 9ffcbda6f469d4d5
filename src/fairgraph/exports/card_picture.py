"""The process chain of a dataset as a Mermaid flowchart."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLAIN = re.compile(r"[A-Za-z0-9 ,.()/+\-]")
_MOST = 40


def flowchart(steps: Mapping[tuple[str, str], int], sources: int, samples: int, files: int) -> str:
    """Draw which kind of process follows which, how often; *steps* has ``""`` before the first and after the last of a chain."""
    names = sorted({name for pair in steps for name in pair if name})
    ids = {name: f"p{n}" for n, name in enumerate(names[:_MOST])}
    lines = ["flowchart LR", f'  start(["{_counted(sources, "source")}"])']
    lines += [f'  {ids[name]}["{label(name)}"]' for name in ids]
    end = _counted(files, "file") if files else _counted(samples, "sample")
    lines.append(f'  finish[("{end}")]')
    for (before, after), count in sorted(steps.items()):
        left = ids.get(before) if before else "start"
        right = ids.get(after) if after else "finish"
        if left and right:
            lines.append(f"  {left} -->|{count}| {right}")
    if len(names) > _MOST:
        lines.append(f'  more["{len(names) - _MOST} more kinds of processes"]')
    return "\n".join(lines)


def label(text: str) -> str:
    """Return a text for a quoted label: what could mean something to Mermaid, Markdown or HTML becomes a character code."""
    text = " ".join(text.split()) or " "
    return "".join(c if _PLAIN.match(c) or c.isalnum() else f"#{ord(c)};" for c in text)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
