"""fairgraph: research metadata as triples in one store.

>>> import fairgraph
>>> with fairgraph.open("memory:") as fg:
...     fg.datasets()
[]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fairgraph.api import Fairgraph
    from fairgraph.api import open_fairgraph as open
    from fairgraph.runs import Run

__version__ = "0.1.0"
__all__ = ["Fairgraph", "Run", "__version__", "open"]


def __getattr__(name: str) -> Any:
    # Loaded when first used, so that `fairgraph --help` does not wait for what it does not need.
    if name in __all__:
        if name == "Run":
            from fairgraph.runs import Run

            return Run
        from fairgraph import api

        return getattr(api, "open_fairgraph" if name == "open" else name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
