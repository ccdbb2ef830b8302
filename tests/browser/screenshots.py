"""Takes the screenshots of the documentation: `make screenshots`."""

import sys
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from conftest import CHROMIUM, Host
from playwright.sync_api import Route, sync_playwright

PHONE = {"viewport": {"width": 390, "height": 844}}
SHOTS = {
    "index": ("index.html", {}),
    "index-phone": ("index.html", PHONE),
    "index-dark": ("index.html", {"color_scheme": "dark"}),
    "topic": ("topics/libraries/index.html", {}),
    "topic-phone": ("topics/libraries/index.html", PHONE),
    "feed": ("topics/libraries/rss.xml", {}),
}
# The pictures of the sample records do not exist.
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="200"><rect width="320" '
    'height="200" fill="hsl({hue} 45% 70%)"/><circle cx="230" cy="70" r="36" fill="#fff9"/></svg>'
)


def picture(route: Route) -> None:
    hue = sum(map(ord, route.request.url)) % 360
    route.fulfill(body=PICTURE.replace("{hue}", str(hue)), content_type="image/svg+xml")


def main(feeds: Path, output: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=str(feeds)))
    Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}/"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, (path, options) in SHOTS.items():
            context = browser.new_context(**options)
            context.route(lambda address: not address.startswith(base), picture)
            page = context.new_page()
            page.goto(base + path)
            page.screenshot(path=output / f"{name}.png")
            context.close()
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
