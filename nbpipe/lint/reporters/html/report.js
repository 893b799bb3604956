
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = document.querySelector("form.filters");

  // A link into something folded unfolds it.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  if (location.hash) unfold();

  // A mark and its card light up together, as do a cell of the graph and its lines.
  const light = (ids, on) => {
    for (const id of ids) {
      const card = document.getElementById(id);
      if (card) card.classList.toggle("hot", on);
      for (const mark of all(`a.m[data-f~="${id}"]`)) mark.classList.toggle("hot", on);
    }
  };
  const lanes = (element, on) => {
    const graph = element.closest(".graph");
    const row = element.dataset.row;
    for (const lane of all(`.lane[data-rows~="${row}"]`, graph)) lane.classList.toggle("hot", on);
    for (const item of all(`li[data-row="${row}"]`, graph)) item.classList.toggle("hot", on);
  };
  for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
    document.addEventListener(name, (event) => {
      const mark = event.target.closest("a.m, article.card");
      if (mark) light(mark.id ? [mark.id] : mark.dataset.f.split(" "), on);
      const row = event.target.closest("[data-row]");
      if (row) lanes(row, on);
    });
  }

  if (!form) return;
  form.hidden = false;
  const cards = all("article.card").map((card) => ({
    card, rule: card.dataset.rule, severity: card.dataset.severity,
    text: (card.textContent + " " + card.closest(".notebook").getAttribute("aria-label")).toLowerCase(),
  }));
  const picks = all(".pick");

  const apply = () => {
    const severities = new Set(all("input[name=severity]", form).filter((box) => box.checked).map((box) => box.value));
    const rule = form.rule.value;
    const words = form.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = new Set();
    for (const { card, rule: own, severity, text } of cards) {
      const fits = severities.has(severity) && (!rule || rule === own) && words.every((word) => text.includes(word));
      card.hidden = !fits;
      if (fits) shown.add(card.id);
    }
    const filtered = shown.size < cards.length;
    for (const note of all(".card.note")) note.hidden = !shown.has(note.dataset.of);
    for (const mark of all("a.m[data-f]")) mark.classList.toggle("off", !mark.dataset.f.split(" ").some((id) => shown.has(id)));
    for (const cell of all(".notebook > .cell")) cell.hidden = filtered && !cell.querySelector(".card:not([hidden])");
    for (const quiet of all(".quiet")) quiet.hidden = filtered;
    for (const notebook of all(".notebook")) {
      notebook.hidden = filtered && !notebook.querySelector(".card:not([hidden])");
      const row = document.querySelector(`[data-notebook="${notebook.id}"]`);
      if (row) row.hidden = notebook.hidden;
    }
    document.querySelector(".none").hidden = shown.size > 0;
    form.shown.value = filtered ? `${shown.size} of ${cards.length} findings` : "";
    for (const pick of picks) pick.setAttribute("aria-pressed", pick.dataset.rule === rule);
  };
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const pick of picks) {
    pick.addEventListener("click", () => {
      form.rule.value = form.rule.value === pick.dataset.rule ? "" : pick.dataset.rule;
      apply();
    });
  }
  apply();
})();
