// The two enhancements of the pages: finding a feed by name, copying its address.
"use strict";
(() => {
  const words = document.body.dataset;

  const box = document.querySelector(".search");
  if (box) {
    const input = box.querySelector("input");
    const result = box.querySelector("output");
    const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    const items = [...document.querySelectorAll(".feeds > li")].map((item) => ({
      item,
      name: plain(item.querySelector(":scope > .name").textContent),
    }));
    const sections = document.querySelectorAll("main > section");
    const filter = () => {
      const wanted = plain(input.value.trim());
      const shown = new Set();
      let count = 0;
      for (const { item, name } of items) {
        if (!name.includes(wanted)) continue;
        count += 1;
        for (let at = item; at; at = at.parentElement.closest(".feeds > li")) shown.add(at);
      }
      for (const { item } of items) item.hidden = !shown.has(item);
      for (const section of sections) {
        section.hidden = !section.querySelector(".feeds > li:not([hidden])");
      }
      const many = count ? words.found.replace("{count}", count) : words.none;
      result.textContent = !wanted ? "" : count === 1 ? words.one : many;
    };
    input.addEventListener("input", filter);
    box.hidden = false;
    if (input.value) filter();
  }

  if (navigator.clipboard) {
    for (const link of document.querySelectorAll(".formats a")) {
      const button = document.createElement("button");
      const label = words.copy.replace("{format}", link.textContent.trim());
      button.type = "button";
      button.className = "copy";
      button.title = label;
      button.setAttribute("aria-label", label);
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(link.href);
        button.classList.add("done");
        button.setAttribute("aria-label", words.copied);
        setTimeout(() => {
          button.classList.remove("done");
          button.setAttribute("aria-label", label);
        }, 2000);
      });
      link.after(button);
    }
  }
})();
