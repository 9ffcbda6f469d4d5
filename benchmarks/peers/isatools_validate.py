"""Validation of an ISA-JSON document by isatools: ``isatools_validate.py FILE``, run by a Python that has isatools."""

import logging
import sys
from pathlib import Path

from isatools import isajson

logging.disable(logging.CRITICAL)
with Path(sys.argv[1]).open(encoding="utf-8") as document:
    report = isajson.validate(document)
print(len(report["errors"]), len(report["warnings"]))
