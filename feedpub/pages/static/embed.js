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

  const box = document.createElement("section");
  box.className = "feedpub";
  script.after(box);

  const show = (document) => {
    const title = asked.title ?? String(document.title ?? "");
    box.setAttribute("aria-label", title);
    if (title) link(add(box, "p", "title"), "home", title, document.home_page_url);
    const list = add(box, "ul", "list");
    if (document.language) list.lang = document.language;
    for (const item of document.items.slice(0, count)) {
      const row = add(list, "li", "item");
      const picture = asked.images === "true" && item.image && safe(item.image);
      if (picture) Object.assign(add(row, "img", "image"), { src: picture, alt: "", loading: "lazy" });
      link(row, "link", String(item.title ?? item.url), item.url);
      const day = new Date(item.date_published);
      if (asked.dates !== "false" && !isNaN(day)) {
        add(row, "time", "date", day.toLocaleDateString(document.language || undefined)).dateTime =
          day.toISOString();
      }
      if (asked.summary === "true" && item.summary) add(row, "p", "summary", String(item.summary));
    }
  };

  fetch(feed)
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
    .then(show)
    .catch(() => {
      box.replaceChildren();
      link(box, "link", asked.title || feed.href, feed.href.replace(/feed\.json$/, ""));
    });
})();
