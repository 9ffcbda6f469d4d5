"""The web application: pages, REST and SPARQL over one store, as the public sees it."""
