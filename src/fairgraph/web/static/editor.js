// The editor of the page /sparql. Without this script the page is a form, and all of it works.
"use strict";

// Names for what the editor draws without one, for those who hear the page.
const NAMES = {
  ".yasqe .CodeMirror textarea": "SPARQL query",
  ".yasr .CodeMirror textarea": "Response",
  ".tableSizer": "Rows on a page",
};
const name = (place) => {
  for (const [selector, label] of Object.entries(NAMES)) {
    place.querySelectorAll(`${selector}:not([aria-label])`).forEach((field) => field.setAttribute("aria-label", label));
  }
};

(async () => {
  const place = document.getElementById("editor");
  const form = document.getElementById("ask");
  const { Yasqe, Yasr } = Yasgui;
  const known = await (await fetch(place.dataset.completions)).json();

  // What comes with the editor asks prefix.cc and others: only our own completions are used.
  const own = (kind, basis) =>
    Yasqe.forkAutocompleter(basis, {
      name: `fairgraph-${kind}`,
      persistenceId: null,
      bulk: true,
      get: async () => known[kind],
    });
  own("prefixes", "prefixes");
  own("classes", "class");
  own("properties", "property");
  Yasqe.defaults.autocompleters = ["variables", "fairgraph-prefixes", "fairgraph-classes", "fairgraph-properties"];
  Yasr.defaults.prefixes = Object.fromEntries(
    known.prefixes.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf("<") + 1, -1)]),
  );

  place.hidden = false;
  form.hidden = true;
  document.getElementById("result")?.remove();
  const yasgui = new Yasgui(place, {
    persistenceId: null,
    populateFromUrl: false,
    copyEndpointOnNewTab: true,
    requestConfig: { endpoint: place.dataset.endpoint, method: "POST" },
    endpointCatalogueOptions: { getData: () => [{ endpoint: place.dataset.endpoint }], keys: [] },
    yasqe: { createShareableLink: null },
  });
  const tab = yasgui.getTab();
  const yasqe = tab.getYasqe();
  yasqe.config.createShareableLink = () => `${form.action}?query=${encodeURIComponent(yasqe.getValue())}`;
  name(place);
  new MutationObserver(() => name(place)).observe(place, { childList: true, subtree: true });
  tab.setQuery(form.elements.query.value);
  if (place.dataset.asked) {
    tab.query();
  }

  // IRIs of the store are shown where it is served, and others on their page here.
  place.addEventListener("click", (event) => {
    const link = event.target.closest("a.iri");
    if (link) {
      event.preventDefault();
      window.open(`${place.dataset.browse}?iri=${encodeURIComponent(link.href)}`, "_blank", "noopener");
    }
  });
})();
