"use strict";
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

  const findings = all(".finding").map((element) => ({
    element,
    check: element.closest(".check"),
    severity: element.dataset.severity,
    text: null,
  }));
  const checks = all(".check");
  const levels = all(".level");

  const open = (element) => {
    for (let at = element; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
    }
  };

  if (findings.length > 0) {
    const query = one(".filters input[type=search]");
    const boxes = all(".filters input[type=checkbox]");
    const area = one(".filters select");
    const tiles = all(".areas button");
    const shown = one(".shown");
    const expand = one(".expand");

    const words = (finding) => {
      if (finding.text === null) {
        const about = finding.check.querySelector("summary").textContent;
        const advice = all(":scope > .inside > .advice", finding.check);
        const parts = [about, finding.element.textContent, ...advice.map((part) => part.textContent)];
        finding.text = parts.join(" ").toLowerCase();
      }
      return finding.text;
    };

    const filter = () => {
      const wanted = query.value.toLowerCase().split(/\s+/).filter(Boolean);
      const severities = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
      let number = 0;
      for (const finding of findings) {
        const fits =
          severities.has(finding.severity) &&
          (!area.value || finding.check.dataset.area === area.value) &&
          wanted.every((word) => words(finding).includes(word));
        finding.element.hidden = !fits;
        if (fits) number += 1;
      }
      for (const check of checks) check.hidden = !check.querySelector(".finding:not([hidden])");
      for (const level of levels) level.hidden = !level.querySelector(".check:not([hidden])");
      for (const tile of tiles) {
        tile.setAttribute("aria-pressed", String(tile.dataset.area === area.value));
      }
      shown.textContent =
        number === findings.length ? `${number} findings` : `${number} of ${findings.length} findings`;
    };
    const clear = () => {
      query.value = "";
      area.value = "";
      for (const box of boxes) box.checked = true;
      filter();
    };

    query.addEventListener("input", filter);
    query.addEventListener("keydown", (event) => {
      if (event.key === "Escape") clear();
    });
    for (const box of boxes) box.addEventListener("change", filter);
    area.addEventListener("change", filter);
    for (const tile of tiles) {
      tile.addEventListener("click", () => {
        const was = area.value === tile.dataset.area;
        area.value = was ? "" : tile.dataset.area;
        filter();
        if (!was) one("#findings").scrollIntoView();
      });
    }
    expand.addEventListener("click", () => {
      const wide = checks.some((check) => !check.hidden && !check.open);
      for (const check of checks) if (!check.hidden) check.open = wide;
      expand.textContent = wide ? "Close all" : "Open all";
    });

    // A link to a finding shows it, whatever the filters say.
    const follow = () => {
      const id = decodeURIComponent(location.hash.slice(1));
      const target = id && document.getElementById(id);
      if (!target || !target.classList.contains("finding")) return;
      if (target.hidden) clear();
      open(target);
      target.scrollIntoView();
    };
    window.addEventListener("hashchange", follow);
    // A second click on the same link changes no hash.
    document.addEventListener("click", (event) => {
      if (event.target.closest('a[href^="#"]')) setTimeout(follow);
    });

    // From check to check, while one of them has the focus.
    one(".findings").addEventListener("keydown", (event) => {
      const step = { j: 1, k: -1 }[event.key];
      const check = event.target.closest(".check");
      if (!step || !check || event.ctrlKey || event.metaKey || event.altKey) return;
      const seen = checks.filter((one) => !one.hidden);
      const next = seen[seen.indexOf(check) + step];
      if (next) next.querySelector("summary").focus();
    });
    filter();
    follow();
  }

  // On paper everything is open.
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const part of closed) part.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const part of closed) part.open = false;
  });
})();
