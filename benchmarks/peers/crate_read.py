"""Read a notebook into triples, without a store; the last line says how many seconds of CPU that took."""

from __future__ import annotations

import sys
import time

from fairgraph.drafts import collected_later, read_draft


def main() -> None:
    """Read the notebook named on the command line."""
    with collected_later():
        began = time.process_time()
        with read_draft(sys.argv[1]) as draft:
            took = time.process_time() - began
            sys.stdout.write(f"{draft.spool.triples} triples\n{took:.3f}\n")


if __name__ == "__main__":
    main()
