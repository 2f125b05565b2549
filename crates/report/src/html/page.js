"use strict";
// Shared by the pages: colours, filters, deep links, keys, paper. An `.entry` is what filters show and
// hide, a `.holder` goes with its last entry, a `.fold` opens and closes.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  for (const part of all(".scripted")) part.hidden = false;

  // Colours: as the system has them, light, dark.
  const themes = [
    ["", "◐", "as the system has them"],
    ["light", "○", "light"],
    ["dark", "●", "dark"],
  ];
  let theme = 0;
  const button = one(".theme");
  button.addEventListener("click", () => {
    theme = (theme + 1) % themes.length;
    const [name, sign, words] = themes[theme];
    document.documentElement.dataset.theme = name;
    button.textContent = sign;
    button.setAttribute("aria-label", `Colours: ${words}`);
  });

  const entries = all(".entry").map((element) => ({
    element,
    kind: element.dataset.kind,
    group: element.closest("[data-group]")?.dataset.group ?? "",
    text: null,
  }));
  const holders = all(".holder");
  const folds = all(".fold");
  const isHidden = (element) => element.closest("[hidden]") !== null;

  const open = (element) => {
    for (let at = element; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
    }
  };

  let clear = () => {};
  if (entries.length > 0) {
    const query = one(".filters input[type=search]");
    const boxes = all(".filters input[type=checkbox]");
    const group = one(".filters select");
    const tiles = all(".tiles button");
    const shown = one(".shown");
    const expand = one(".expand");
    const noun = one(".filters").dataset.noun;

    // What stands around an entry is found with it: the summary and the advice of its holder.
    const words = (entry) => {
      if (entry.text === null) {
        const holder = entry.element.closest(".holder");
        const around = all(":scope > summary, :scope > .inside > .advice", holder);
        entry.text = [...around, entry.element].map((part) => part.textContent).join(" ").toLowerCase();
      }
      return entry.text;
    };

    const filter = () => {
      const wanted = query.value.toLowerCase().split(/\s+/).filter(Boolean);
      const kinds = new Set(boxes.filter((box) => box.checked).flatMap((box) => box.value.split(" ")));
      let number = 0;
      for (const entry of entries) {
        const fits =
          kinds.has(entry.kind) &&
          (!group?.value || entry.group === group.value) &&
          wanted.every((word) => words(entry).includes(word));
        entry.element.hidden = !fits;
        if (fits) number += 1;
      }
      // From the inside out: what holds nothing visible is hidden.
      for (const holder of [...holders].reverse()) holder.hidden = !holder.querySelector(".entry:not([hidden])");
      for (const tile of tiles) {
        tile.setAttribute("aria-pressed", String(tile.dataset.group === group.value));
      }
      shown.textContent =
        number === entries.length ? `${number} ${noun}` : `${number} of ${entries.length} ${noun}`;
    };
    clear = () => {
      query.value = "";
      if (group) group.value = "";
      for (const box of boxes) box.checked = true;
      filter();
    };

    query.addEventListener("input", filter);
    query.addEventListener("keydown", (event) => {
      if (event.key === "Escape") clear();
    });
    for (const box of boxes) box.addEventListener("change", filter);
    group?.addEventListener("change", filter);
    for (const tile of tiles) {
      tile.addEventListener("click", () => {
        const was = group.value === tile.dataset.group;
        group.value = was ? "" : tile.dataset.group;
        filter();
        if (!was) one(".filters").closest("section").scrollIntoView();
      });
    }
    expand.addEventListener("click", () => {
      const wide = folds.some((fold) => !isHidden(fold) && !fold.open);
      for (const fold of folds) if (!isHidden(fold)) fold.open = wide;
      expand.textContent = wide ? "Close all" : "Open all";
    });

    // From fold to fold, while one of them has the focus.
    one(".folds").addEventListener("keydown", (event) => {
      const step = { j: 1, k: -1 }[event.key];
      const fold = event.target.closest(".fold");
      if (!step || !fold || event.ctrlKey || event.metaKey || event.altKey) return;
      const seen = folds.filter((one) => !isHidden(one));
      const next = seen[seen.indexOf(fold) + step];
      if (next) next.querySelector("summary").focus();
    });
    filter();
  }

  // A link within the page shows where it leads, whatever is folded away or filtered out.
  const follow = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && document.getElementById(id);
    if (!target || !target.matches(".entry, details, details *")) return;
    if (isHidden(target)) clear();
    open(target);
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", follow);
  // A second click on the same link changes no hash.
  document.addEventListener("click", (event) => {
    if (event.target.closest('a[href^="#"]')) setTimeout(follow);
  });
  follow();

  // On paper everything is open.
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    // Only one of those that share a name stays open.
    for (const part of all("details[name]")) part.removeAttribute("name");
    for (const part of closed) part.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const part of closed) part.open = false;
  });
})();
