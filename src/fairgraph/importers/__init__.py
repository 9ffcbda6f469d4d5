"""Importers: each reads one notation and keeps every fact."""
