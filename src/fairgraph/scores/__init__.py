"""FAIR and AI-ready scores: rules that are queries, and what they find in a dataset."""
