"""What a change of visibility would tell: a public dataset must not name the files of one that is not."""

from __future__ import annotations

from fairgraph.catalogue import system
from fairgraph.catalogue.records import PUBLIC, Dataset
from fairgraph.errors import UsageError
from fairgraph.store import DEFAULT, Reader, Scope
from fairgraph.terms import PROV

# The links that fairgraph itself makes from one dataset into another. What a notebook says of others is its author's to say.
_LINKED = f"SELECT DISTINCT ?file ?other {{ ?file <{PROV.specializationOf}> ?other }}"


def refuse_disclosure(reader: Reader, old: Dataset, new: Dataset) -> None:
    """Raise UsageError if *new*, of another visibility, would let the public see what a dataset that is not public is called."""
    hidden = [
        entry for entry in system.entries(reader) if not entry.public and entry.iri != old.iri
    ]
    if new.visibility == PUBLIC:
        for row in reader.select(_LINKED, Scope((old.node,))):
            for entry in hidden:
                if row["other"].value.startswith(f"{entry.iri}/"):
                    raise UsageError(
                        f"{old.slug} names files of {entry.slug}, which is not public",
                        hint=f"make {entry.slug} public first",
                    )
        return
    for row in reader.select(_LINKED, Scope((DEFAULT,))):
        inside = row["file"].value.startswith(f"{old.iri}/")
        if row["other"].value.startswith(f"{old.iri}/") and not inside:
            raise UsageError(
                f"a public dataset names files of {old.slug}: {row['file'].value}",
                hint="make that dataset private first",
            )
