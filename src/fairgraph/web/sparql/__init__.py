"""The SPARQL endpoint: protocol, Graph Store, and what describes them; the short way for small queries."""
