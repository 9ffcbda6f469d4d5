"""What the reader and the writer of crates and notebooks share: contexts, and what an ``@id`` means."""
