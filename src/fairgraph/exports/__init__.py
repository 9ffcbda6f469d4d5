"""Exports: each is a named query and a serializer."""
