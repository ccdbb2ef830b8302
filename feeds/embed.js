// Shows the newest entries of a feed.json where its <script> tag stands. docs/embedding.md
"use strict";
(() => {
  const script = document.currentScript;
  const asked = script.dataset;
  const feed = new URL(asked.feed, script.src);
  const count = Math.min(Math.max(parseInt(asked.count, 10) || 5, 1), 50);

  const add = (parent, tag, name, text) => {
    const element = document.createElement(tag);
    element.className = `feedpub-${name}`;
    if (text) element.textContent = text;
    parent.append(element);
    return element;
  };
  // Only what a browser may open: an address of another scheme is no address.
  const safe = (address) => {
    if (typeof address !== "string") return null;
    try {
      const url = new URL(address, feed);
      return /^https?:$/.test(url.protocol) ? url.href : null;
    } catch {
      return null;
    }
  };
  const link = (parent, name, text, address) => {
    const href = safe(address);
    const element = add(parent, href ? "a" : "span", name, text);
    if (href) Object.assign(element, { href, rel: "noopener", target: asked.target || "_self" });
    return element;
  };
  // In the language of the page; one the browser cannot take for a language is none.
  const day = (date) => {
    try {
      return date.toLocaleDateString(script.closest("[lang]")?.lang || undefined);
    } catch {
      return date.toLocaleDateString();
    }
  };

  const box = document.createElement("section");
  box.className = "feedpub";
  script.after(box);

  const show = (found) => {
    const title = asked.title ?? String(found.title ?? "");
    box.setAttribute("aria-label", title || String(found.title ?? ""));
    if (title) link(add(box, "p", "title"), "home", title, found.home_page_url);
    const list = add(box, "ul", "list");
    for (const item of found.items.slice(0, count)) {
      const row = add(list, "li", "item");
      row.dir = "auto";
      const lang = String(item.language || found.language || "");
      const src = asked.images === "true" && safe(item.image);
      if (src) Object.assign(add(row, "img", "image"), { alt: "", loading: "lazy", width: 96, src });
      link(row, "link", String(item.title || item.url), item.url).lang = lang;
      const date = new Date(item.date_published);
      if (asked.dates !== "false" && !isNaN(date)) {
        row.append(" ");
        add(row, "time", "date", day(date)).dateTime = date.toISOString();
      }
      if (asked.summary === "true" && item.summary) {
        add(row, "p", "summary", String(item.summary)).lang = lang;
      }
    }
  };

  fetch(feed)
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
    .then(show)
    .catch(() => {
      box.replaceChildren();
      const message = asked.message ?? "This feed cannot be shown here:";
      const said = add(box, "p", "message", `${message} `);
      const page = feed.href.replace(/feed\.json$/, "");
      link(said, "link", asked.title || page, page);
    });
})();
