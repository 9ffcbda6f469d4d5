"""What ISA-JSON has that its reader and its writer share: numbers as they are written, and the types of data files."""

from __future__ import annotations

from decimal import Decimal

# data_schema.json; any other heading of a table travels in a carrier comment.
DATA_TYPES = (
    "Raw Data File",
    "Derived Data File",
    "Image File",
    "Acquisition Parameter Data File",
    "Derived Spectral Data File",
    "Protein Assignment File",
    "Raw Spectral Data File",
    "Peptide Assignment File",
    "Array Data File",
    "Derived Array Data File",
    "Post Translational Modification Assignment File",
    "Derived Array Data Matrix File",
    "Free Induction Decay Data File",
    "Metabolite Assignment File",
    "Array Data Matrix File",
)


class Number(Decimal):
    """A number that remembers how it is written: with all its digits, and ``6.0E8`` is not ``6.0E+8``."""

    text: str

    def __new__(cls, text: str) -> Number:
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __str__(self) -> str:
        return self.text
