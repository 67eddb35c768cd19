/* Orgward console: what pages gain with script. Every page is whole without it. */
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (type, selector, act) =>
    document.addEventListener(type, (event) => {
      const found = event.target.closest?.(selector);
      if (found) act(event, found);
    });
  const announce = (text) => {
    const place = one("#announce");
    place.textContent = "";
    requestAnimationFrame(() => { place.textContent = text; });
  };

  /* Controls that only work with script are hidden in the markup. */
  const wake = (root) => {
    all("[data-copy], [data-download], [data-show], [data-select-all], [data-toast-close]", root).forEach((each) => { each.hidden = false; });
    all("[data-secret], [data-confirm-name]", root).forEach(guard);
    all("[data-toast]", root).forEach(fade);
    all(".ow-menu > summary", root).forEach((each) => each.setAttribute("aria-expanded", each.parentElement.open));
    count();
  };

  /* ---------- copy, download, show ---------- */
  const said = (id) => { const source = document.getElementById(id); return source.value || source.textContent; };
  on("click", "[data-copy]", async (_, button) => {
    await navigator.clipboard.writeText(said(button.dataset.copy));
    announce(button.dataset.done);
  });
  on("click", "[data-download]", (_, button) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([said(button.dataset.download) + "\n"], { type: "text/plain" }));
    link.download = button.dataset.filename;
    link.click();
    URL.revokeObjectURL(link.href);
  });
  on("click", "[data-show]", (_, button) => {
    const field = document.getElementById(button.dataset.show);
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", shown);
  });

  /* ---------- buttons that wait for a tick or a typed name ---------- */
  let unstored = false;
  const guard = (place) => {
    const name = place.dataset.confirmName;
    const button = one(name === undefined ? ".ow-secret-done .ow-button" : ".ow-confirm-line .ow-button", place);
    const field = one(name === undefined ? "[data-stored]" : ".ow-confirm-line input", place);
    const judge = () => {
      const ready = name === undefined ? field.checked : field.value.trim() === name;
      button.disabled = !ready;
      if (name === undefined) unstored = !ready;
    };
    field.addEventListener("input", judge);
    judge();
  };
  addEventListener("beforeunload", (event) => { if (unstored) event.preventDefault(); });

  /* ---------- toasts: six seconds, not while read ---------- */
  const fade = (toast) => {
    let timer;
    const start = () => { timer = setTimeout(() => toast.remove(), 6000); };
    const stop = () => clearTimeout(timer);
    ["mouseenter", "focusin"].forEach((type) => toast.addEventListener(type, stop));
    ["mouseleave", "focusout"].forEach((type) => toast.addEventListener(type, start));
    start();
  };
  on("click", "[data-toast-close]", (_, button) => button.closest("[data-toast]").remove());

  /* ---------- menus ---------- */
  const opened = "details.ow-menu[open], .ow-filter > details[open]";
  const shut = (menu, back) => {
    menu.open = false;
    if (back) one("summary", menu).focus();
  };
  document.addEventListener("click", (event) => {
    all(opened).forEach((menu) => { if (!menu.contains(event.target)) shut(menu); });
  });
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!menu.matches?.("details.ow-menu, .ow-filter > details")) return;
    one("summary", menu).setAttribute("aria-expanded", menu.open);
    if (!menu.open && menu.dataset.changed) menu.closest("form").requestSubmit();
  }, true);
  on("change", "[data-filters] .ow-panel input", (event, field) => { field.closest("details").dataset.changed = "1"; });
  on("change", "[data-submit]", (event, field) => field.form.requestSubmit());
  const walk = (event, menu) => {
    const items = all("a, button:not(:disabled), .ow-option input", menu).filter((each) => each.offsetParent);
    const here = items.indexOf(document.activeElement);
    const steps = { ArrowDown: here + 1, ArrowUp: here - 1 + (here < 0 ? items.length + 1 : 0), Home: 0, End: items.length - 1 };
    let next = steps[event.key];
    if (next === undefined && event.key.length === 1 && /\S/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const letter = event.key.toLowerCase();
      const turned = items.slice(here + 1).concat(items.slice(0, here + 1));
      const hit = turned.find((each) => each.textContent.trim().toLowerCase().startsWith(letter));
      if (hit) next = items.indexOf(hit);
    }
    if (next === undefined || !items.length) return false;
    items[(next + items.length) % items.length].focus();
    event.preventDefault();
    return true;
  };

  /* ---------- the switcher: what the page behind a link lists, in a popover ---------- */
  const switcher = one("#switch");
  let from = null;
  const offer = async () => {
    const url = new URL(from.href);
    const text = one("input", switcher).value.trim();
    if (text) url.searchParams.set("q", text);
    const answer = await fetch(url);
    if (!answer.ok || answer.redirected) return location.assign(from.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const lasts = text ? [] : all("#last a", page);
    const links = lasts.concat(all("#list tbody a.ow-name", page)).map((found) => {
      const link = document.createElement("a");
      link.href = found.getAttribute("href");
      link.textContent = found.textContent;
      return link;
    });
    const once = links.filter((link, i) => links.findIndex((other) => other.href === link.href) === i).slice(0, 12);
    const nothing = document.createElement("p");
    nothing.textContent = once.length ? "" : one("#list .ow-empty p", page)?.textContent;
    one("[data-found]", switcher).replaceChildren(...(once.length ? once : [nothing]));
    one("[data-all]", switcher).href = from.href;
    one("[data-all]", switcher).textContent = one("h1", page).textContent;
    return switcher.showPopover();
  };
  on("click", "a[data-switch]", (event, link) => {
    if (!switcher || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const place = link.getBoundingClientRect();
    Object.assign(switcher.style, { left: `${Math.min(place.left, innerWidth - 296)}px`, top: `${place.bottom + 4}px` });
    one("input", switcher).value = "";
    from = link;
    offer();
  });
  let typed;
  on("input", "#switch input", () => { clearTimeout(typed); typed = setTimeout(offer, 250); });

  /* ---------- the drawer ---------- */
  let opener = null;
  const drawer = () => one("#drawer .ow-drawer");
  const settle = () => {
    const open = drawer();
    one("#page").inert = Boolean(open);
    if (open) one("h2", open).focus();
    else if (opener) (document.contains(opener) ? opener : one(`[href="${CSS.escape(opener.getAttribute("href"))}"]`))?.focus();
  };
  on("click", "a[data-drawer]", (event, link) => {
    if (!window.htmx || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (!drawer()) opener = link;
    const href = link.getAttribute("href");
    window.htmx.ajax("GET", href, { target: "#drawer", select: "#drawer", swap: "outerHTML" }).then(() => {
      history.pushState({ htmx: true }, "", href);
      settle();
    });
  });
  const hold = (event) => {
    const items = all("a[href]:not([tabindex='-1']), button:not(:disabled), summary, [tabindex='0']", drawer()).filter((each) => each.offsetParent);
    const edge = event.shiftKey ? items[0] : items[items.length - 1];
    if (document.activeElement !== edge && drawer().contains(document.activeElement)) return;
    (event.shiftKey ? items[items.length - 1] : items[0]).focus();
    event.preventDefault();
  };

  /* ---------- row selection ---------- */
  const boxes = () => all(".ow-select-row");
  let last = null;
  const count = () => {
    const chosen = boxes().filter((each) => each.checked).length;
    all("[data-selected]").forEach((place) => { place.textContent = place.dataset.text.replace("{n}", chosen); });
    all("[data-select-all]").forEach((box) => {
      box.checked = chosen > 0 && chosen === boxes().length;
      box.indeterminate = chosen > 0 && !box.checked;
    });
  };
  const range = (box) => {
    const list = boxes();
    const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
    if (from >= 0) list.slice(from, to + 1).forEach((each) => { each.checked = box.checked; });
  };
  on("click", ".ow-select-row", (event, box) => {
    if (event.shiftKey) range(box);
    last = box;
    count();
  });
  on("change", "[data-select-all]", (_, box) => {
    boxes().forEach((each) => { each.checked = box.checked; });
    count();
  });

  /* ---------- keyboard ---------- */
  const pages = { p: ["projects"], m: ["members", "access"], t: ["teams"], i: ["invitations"], k: ["keys"], a: ["activity"], s: ["settings"] };
  const go = (letter) => (pages[letter] || []).forEach((name) => {
    const link = all("#side a").find((each) => each.pathname.split("/")[3] === name);
    if (link) location.assign(link.href);
  });
  let after = "";
  const single = (event) => {
    const held = after;
    after = "";
    if (held === "g") return go(event.key);
    if (event.key === "g") { after = "g"; setTimeout(() => { after = ""; }, 1500); }
    if (event.key === "/") { one("#search")?.focus(); event.preventDefault(); }
    if (event.key === "?") { one("#keyboard").togglePopover(); one("#keyboard h2").focus(); }
    if (event.key.toLowerCase() === "x") {
      const box = one(".ow-select-row", document.activeElement.closest("tr") || document.createElement("i"));
      if (!box) return;
      box.checked = !box.checked;
      if (event.shiftKey) range(box);
      last = box;
      count();
    }
  };
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.(opened) || one(opened);
    const field = event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (event.key === "Escape") {
      if (menu) shut(menu, true);
      else if (drawer() && !one(":popover-open")) one("#drawer [data-close]").click();
    } else if (event.key === "Tab" && drawer()) hold(event);
    else if (event.target.closest?.("#switch") && /^Arrow(Up|Down)$/.test(event.key)) walk(event, switcher);
    else if (menu?.contains(event.target) && !field) walk(event, menu);
    else if (!field && !event.ctrlKey && !event.metaKey && !event.altKey && document.body.dataset.keys !== "off" && !drawer()) single(event);
  });

  /* ---------- forms ---------- */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    unstored = false;
    if (form.matches("[data-filters], .ow-top-search"))
      all("input", form).forEach((each) => { if (!each.value) each.disabled = true; });
    const busy = event.submitter?.dataset.busy;
    if (!busy) return;
    event.submitter.style.minWidth = `${event.submitter.offsetWidth}px`;
    event.submitter.textContent = busy;
    form.setAttribute("aria-busy", "true");
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  addEventListener("pageshow", () => all("[data-filters] input, .ow-top-search input").forEach((each) => { each.disabled = false; }));

  /* ---------- htmx ---------- */
  document.addEventListener("htmx:configRequest", (event) => {
    const fields = event.detail.parameters;
    [...fields.keys()].forEach((name) => { if (fields.get(name) === "") fields.delete(name); });
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches("[data-filters] [type=search]") && event.detail.elt.value.trim().length === 1) event.preventDefault();
  });
  document.addEventListener("htmx:responseError", (event) => location.assign(event.detail.pathInfo.finalRequestPath));
  document.addEventListener("htmx:afterSwap", (event) => wake(event.target));

  /* ---------- the time zone, for whoever has chosen none ---------- */
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.split("; ").includes(`orgward-zone=${zone}`)) {
    document.cookie = `orgward-zone=${zone}; path=/; max-age=31536000; samesite=lax`;
  }

  wake(document);
  if (drawer()) one("h2", drawer()).focus();
})();
