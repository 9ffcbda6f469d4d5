"""ISA-Tab to ISA-Tab as isatools does it: ``isatools_roundtrip.py FOLDER TARGET``, run by a Python that has isatools."""

import logging
import sys
from pathlib import Path

from isatools import isatab

logging.disable(logging.CRITICAL)
target = Path(sys.argv[2])
target.mkdir(parents=True)
with next(Path(sys.argv[1]).glob("i_*.txt")).open(encoding="utf-8") as lines:
    investigation = isatab.load(lines)
isatab.dump(investigation, str(target))
