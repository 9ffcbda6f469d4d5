// The page /import: files that are dropped, how far the upload is, a key for this tab. Without this script the page is a form, and works.
"use strict";

(() => {
  const KEPT = "fairgraph-key";
  const SAYS = {
    sending: "All of it has been sent",
    reading: "It is being read",
    validating: "It is being checked",
    storing: "It is being stored",
  };

  const filesOf = async (entry) => {
    if (entry.isFile) {
      return [await new Promise((done, failed) => entry.file(done, failed))];
    }
    const reader = entry.createReader();
    const found = [];
    for (;;) {
      const some = await new Promise((done, failed) => reader.readEntries(done, failed));
      if (!some.length) {
        return found;
      }
      for (const one of some.filter((inside) => inside.isFile && !inside.name.startsWith("."))) {
        found.push(...(await filesOf(one)));
      }
    }
  };

  const show = (form) => {
    const list = document.getElementById("chosen");
    const files = [...form.elements.file.files];
    list.hidden = files.length === 0;
    list.replaceChildren(
      ...files.slice(0, 20).map((file) => {
        const item = document.createElement("li");
        item.textContent = `${file.name} (${file.size.toLocaleString("en")} bytes)`;
        return item;
      }),
    );
    if (files.length > 20) {
      const item = document.createElement("li");
      item.textContent = `and ${files.length - 20} more`;
      list.append(item);
    }
  };

  const takeDropped = (form) => {
    const place = document.getElementById("drop");
    const mark = (on) => place.classList.toggle("over-it", on);
    place.addEventListener("dragover", (event) => {
      event.preventDefault();
      mark(true);
    });
    place.addEventListener("dragleave", () => mark(false));
    place.addEventListener("drop", async (event) => {
      event.preventDefault();
      mark(false);
      const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
      const dropped = event.dataTransfer.files; // gone after the first await
      const chosen = new DataTransfer();
      for (const entry of entries) {
        for (const file of await filesOf(entry)) {
          chosen.items.add(file);
        }
      }
      form.elements.file.files = entries.length ? chosen.files : dropped;
      show(form);
    });
  };

  const send = (form) => {
    const button = form.querySelector("button");
    const bar = document.getElementById("bar");
    const state = document.getElementById("state");
    const body = new FormData(form);
    const key = form.elements.key.value.trim();
    body.delete("key");
    // By this name, which nobody else knows, the server tells which step it is at.
    const follow = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    body.set("follow", follow);
    const steps = [...document.querySelectorAll("#steps li")];
    const reach = (name) => {
      const now = steps.findIndex((item) => item.dataset.step === name);
      steps.forEach((item, place) => {
        item.setAttribute("aria-current", place === now ? "step" : "false");
        item.classList.toggle("done", place < now);
      });
    };
    steps.find((item) => item.dataset.step === "validating").hidden = !(form.elements.validate.checked || form.elements.strict.checked);
    reach("sending");
    if (document.getElementById("remember").checked) {
      sessionStorage.setItem(KEPT, key);
    } else {
      sessionStorage.removeItem(KEPT);
    }
    button.disabled = true;
    document.getElementById("progress").hidden = false;
    const again = (text) => {
      state.textContent = text;
      button.disabled = false;
      bar.hidden = true;
    };

    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/html");
    if (key) {
      request.setRequestHeader("X-API-Key", key);
    }
    bar.hidden = false;
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable && event.loaded < event.total) {
        bar.value = (100 * event.loaded) / event.total;
        state.textContent = `${Math.floor(bar.value)} % has been sent`;
      }
    });
    let clock = 0;
    request.upload.addEventListener("load", () => {
      const began = Date.now();
      const tell = async () => {
        const answer = await fetch(`${form.action}/steps/${follow}`, { cache: "no-store" }).catch(() => null);
        const step = answer?.status === 200 ? (await answer.json()).step : "";
        if (!clock) {
          return; // the answer is there, and perhaps another page
        }
        if (steps.findIndex((item) => item.dataset.step === step) > steps.findIndex((item) => item.ariaCurrent === "step")) {
          reach(step);
        }
        const seconds = Math.round((Date.now() - began) / 1000);
        state.textContent = `${SAYS[document.querySelector("#steps [aria-current=step]").dataset.step]}: ${seconds} s`;
      };
      bar.removeAttribute("value");
      clock = setInterval(tell, 500);
    });
    request.addEventListener("loadend", () => {
      clearInterval(clock);
      clock = 0;
    });
    request.addEventListener("error", () => again("The server was not reached. Nothing was imported."));
    request.addEventListener("load", () => {
      const answer = new DOMParser().parseFromString(request.responseText, "text/html");
      const main = answer.querySelector("main");
      if (!main || !request.getResponseHeader("Content-Type").startsWith("text/html")) {
        again(`The server answered with ${request.status}.`);
        return;
      }
      const told = document.importNode(main, true);
      document.querySelector("main").replaceWith(told);
      document.title = answer.title;
      told.tabIndex = -1;
      told.focus();
      start(key);
    });
    request.send(body);
  };

  const start = (key) => {
    const form = document.getElementById("upload");
    if (!form) {
      return;
    }
    for (const element of document.querySelectorAll(".scripted")) {
      element.hidden = false;
    }
    for (const element of document.querySelectorAll(".unscripted")) {
      element.hidden = true;
    }
    const kept = sessionStorage.getItem(KEPT);
    form.elements.key.value = key || kept || "";
    document.getElementById("remember").checked = Boolean(kept);
    form.elements.file.addEventListener("change", () => show(form));
    takeDropped(form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
  };

  start("");
})();
