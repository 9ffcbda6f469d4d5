"""Ontologies in the store: one named graph a version, several versions side by side."""

from fairgraph.ontology.snapshots import ONTOLOGIES, Ontology, graphs, listed

__all__ = ["ONTOLOGIES", "Ontology", "graphs", "listed"]
