"""The REST API: datasets, their exports, imports, files, and what describes the API itself."""
