"""Pages for people, and every IRI of the store as linked data."""
