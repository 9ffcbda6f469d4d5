"""Read a notebook into triples, without a store; the last line says how many seconds of CPU that took.

``crate_read.py SMALL LARGE``: the small one is read before, so that what is loaded once in a process does not count.
"""

from __future__ import annotations

import sys
import time

from fairgraph.drafts import collected_later, read_draft


def main() -> None:
    """Read the notebooks named on the command line."""
    with collected_later():
        with read_draft(sys.argv[1]):
            pass
        began = time.process_time()
        with read_draft(sys.argv[2]) as draft:
            took = time.process_time() - began
            sys.stdout.write(f"{draft.spool.triples} triples\n{took:.3f}\n")


if __name__ == "__main__":
    main()
