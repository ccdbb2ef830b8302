// embed.html?feed=topics/ai&count=5 (or after #): the script tag that embed.js looks at, for a feed
// of this site; for its example where none is asked for.
"use strict";
(() => {
  addEventListener("hashchange", () => location.reload());
  const asked = new URLSearchParams(location.search || location.hash.slice(1));
  const usage = document.getElementById("usage");
  const path = asked.get("feed") ?? usage.dataset.example;
  const here = new URL(".", location.href);
  // After "./" nothing is an address of another site, and ".." is looked at below.
  const feed = new URL(`./${path}/feed.json`, here);
  if (!path || !feed.pathname.startsWith(here.pathname)) return;
  usage.hidden = asked.has("feed");
  const script = document.createElement("script");
  Object.assign(script.dataset, { feed: feed.href, target: "_top" });
  if (usage.dataset.message) script.dataset.message = usage.dataset.message;
  for (const name of ["count", "images", "summary", "dates"]) {
    if (asked.has(name)) script.dataset[name] = asked.get(name);
  }
  script.src = new URL("embed.js", here);
  document.body.append(script);
})();
