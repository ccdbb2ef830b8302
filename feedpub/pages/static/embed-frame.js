// embed.html?feed=topics/ai&count=5: the script tag that embed.js looks at, for a feed of this site.
"use strict";
(() => {
  const asked = new URLSearchParams(location.search);
  const path = asked.get("feed");
  const here = new URL(".", location.href);
  const feed = new URL(`${path}/feed.json`, here);
  if (!path || feed.origin !== here.origin || !feed.pathname.startsWith(here.pathname)) return;
  document.getElementById("usage").hidden = true;
  const script = document.createElement("script");
  script.src = new URL("embed.js", here);
  script.async = false;
  Object.assign(script.dataset, {
    feed: feed.href,
    count: asked.get("count") || "5",
    images: asked.get("images") || "false",
    summary: asked.get("summary") || "false",
    target: "_top",
  });
  document.body.append(script);
})();
