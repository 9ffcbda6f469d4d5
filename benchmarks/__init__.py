"""fairgraph side by side with its peers and with what the engine below it can do at best: ``python -m benchmarks``."""
