"""ISA-Tab to ISA-Tab as altamisa does it: ``altamisa_roundtrip.py FOLDER TARGET``, run by a Python that has altamisa."""

import sys
import warnings
from pathlib import Path

from altamisa.isatab import (
    AssayReader,
    AssayWriter,
    InvestigationReader,
    InvestigationWriter,
    StudyReader,
    StudyWriter,
)

warnings.simplefilter("ignore")
source, target = Path(sys.argv[1]), Path(sys.argv[2])
target.mkdir(parents=True)
path = next(source.glob("i_*.txt"))
with path.open(encoding="utf-8") as lines:
    investigation = InvestigationReader.from_stream(lines, filename=str(path)).read()
with (target / path.name).open("w", encoding="utf-8") as output:
    InvestigationWriter.from_stream(investigation, output).write()
for n, study in enumerate(investigation.studies, 1):
    with (source / study.info.path).open(encoding="utf-8") as lines:
        table = StudyReader.from_stream(f"S{n}", lines, filename=str(study.info.path)).read()
    with (target / study.info.path).open("w", encoding="utf-8") as output:
        StudyWriter.from_stream(table, output).write()
    for m, assay in enumerate(study.assays, 1):
        with (source / assay.path).open(encoding="utf-8") as lines:
            table = AssayReader.from_stream(
                f"S{n}", f"A{m}", lines, filename=str(assay.path)
            ).read()
        with (target / assay.path).open("w", encoding="utf-8") as output:
            AssayWriter.from_stream(table, output).write()
