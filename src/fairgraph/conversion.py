"""From one format to another, by way of a store that is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from fairgraph.api import Fairgraph
from fairgraph.drafts import (
    collected_later,
    content_of,
    origin_of,
    own_store,
    read_whole,
    recognised,
    slug_of,
)
from fairgraph.exports import export as export_table
from fairgraph.exports.loss_report import Loss
from fairgraph.report import Report


def convert(
    path: str | Path,
    export_format: str,
    output: BinaryIO | str | Path,
    *,
    format: str | None = None,
    options: Mapping[str, str] | None = None,
    tell_loss: Callable[[Loss], None] | None = None,
) -> Report:
    """Import a source into a store of its own, export it, forget the store; return what the importer found.

    *output* is a binary stream, or a path (see :meth:`Exported.to_path`). The store is in
    memory while that has room (a quarter of the machine's, about 450 bytes a triple), else on disk. It keeps no union of
    public datasets, which nobody would ask. *tell_loss* is called with what the export does not carry.
    """
    export = export_table.get(export_format)
    export.check_options(options or {})
    source, form = recognised(Path(path), format)
    wanted = export.holds_files and form.keeps_files(source)
    with collected_later(), read_whole(source, form, with_files=wanted) as (draft, files):
        with own_store(draft) as store:
            content = content_of(slug_of(source), draft, form, origin_of(source, form))
            content.in_union = False
            fairgraph = Fairgraph(store)
            put = fairgraph.catalogue.put(content)
            draft.spool.close()
            exported = fairgraph.export(export_format, put.dataset, **dict(options or {}))
            exported.files = files
            if isinstance(output, (str, Path)):
                exported.to_path(output)
            else:
                exported.write(output)
            if tell_loss is not None and export_format != "loss-report":
                tell_loss(fairgraph.loss(export_format, put.dataset))
        return draft.report
