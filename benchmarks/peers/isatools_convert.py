"""ISA-Tab to ISA-JSON as isatools does it: ``isatools_convert.py FOLDER FILE``, run by a Python that has isatools.

The new parser, without validation: the old one, which is the default, gives an empty document with 0.14.3.
"""

import json
import logging
import sys
from pathlib import Path

from isatools.convert import isatab2json

logging.disable(logging.CRITICAL)
document = isatab2json.convert(sys.argv[1], validate_first=False, use_new_parser=True)
with Path(sys.argv[2]).open("w", encoding="utf-8") as output:
    json.dump(document, output)
