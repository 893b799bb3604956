
"use strict";
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const drawing = document.getElementById("drawing");
  const boxes = new Map(all(".box").map((box) => [box.dataset.key, box]));
  const edges = all(".edge");
  const sections = new Map(all("aside section").map((section) => [section.dataset.key, section]));
  const hint = document.querySelector(".hint");
  const find = document.getElementById("find");
  const found = document.getElementById("found");

  // All that can be reached from a box in one direction, with the edges on the way.
  const reach = (start, from, to) => {
    const keys = new Set([start]);
    const ways = new Set();
    for (const key of keys)
      for (const edge of edges)
        if (edge.dataset[from] === key) { ways.add(edge); keys.add(edge.dataset[to]); }
    return [keys, ways];
  };

  const light = (keys, ways, chosen) => {
    drawing.classList.toggle("picked", keys.size > 0);
    for (const [key, box] of boxes) {
      box.classList.toggle("near", keys.has(key));
      box.classList.toggle("chosen", key === chosen);
      box.setAttribute("aria-pressed", String(key === chosen));
    }
    for (const edge of edges) edge.classList.toggle("near", ways.has(edge));
    for (const [key, section] of sections) section.hidden = key !== chosen;
    hint.hidden = chosen !== undefined;
  };

  const choose = (key) => {
    if (!boxes.has(key)) { light(new Set(), new Set()); return; }
    const [below, down] = reach(key, "source", "target");
    const [above, up] = reach(key, "target", "source");
    find.value = found.value = "";
    light(new Set([...above, ...below]), new Set([...up, ...down]), key);
  };

  const search = () => {
    const name = find.value.trim();
    const ways = edges.filter((edge) => {
      const title = edge.querySelector("title");
      return name && title && title.textContent.split(", ").includes(name);
    });
    const keys = new Set(ways.flatMap((edge) => [edge.dataset.source, edge.dataset.target]));
    light(keys, new Set(ways));
    found.value = name ? (ways.length ? `flows along ${ways.length}` : "flows nowhere") : "";
  };

  for (const [key, box] of boxes) {
    box.setAttribute("tabindex", "0");
    box.setAttribute("role", "button");
    box.addEventListener("click", (event) => { event.stopPropagation(); choose(key); });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(key); }
    });
  }
  drawing.addEventListener("click", () => choose());
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") choose(); });
  for (const link of all("[data-go]"))
    link.addEventListener("click", (event) => {
      event.preventDefault();
      choose(link.dataset.go);
      boxes.get(link.dataset.go).scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  find.addEventListener("input", search);
})();
