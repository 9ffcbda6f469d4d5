"""The command line: parse, call :class:`fairgraph.Fairgraph`, print. Results to stdout, everything else to stderr."""
