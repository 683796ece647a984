"""`./run bench tiles`: the whole synthetic city of 119,000 micro-grids as vector tiles, and panning over them in a browser.

For each zoom a sample of the tiles that hold micro-grids: ``tile_cpu_ms_z…`` is the CPU of making one that is not kept (cutting,
encoding, compressing), with the bare encoding of what was cut already as the ceiling; ``tile_bytes_z…`` is its size on the wire, with
its outlines alone, nothing said of them, as the ceiling. ``load_cpu_s`` is what a process spends once to have all grids at
hand, with reading the same rows as the ceiling. ``pan_fps`` counts the frames of a scripted pan over the map of all grids in a headless
Chromium that draws without a graphics card; its ceiling is the same pan over the same map without tiles. ``cockpit_fps`` is the
same over the cockpit of a district, coloured by a figure, while it is zoomed in and out.
"""

from __future__ import annotations

import gzip
import os
import random
import shutil
import time
from dataclasses import replace
from typing import Any

import _harness as harness

CITY = "510100"
QUICK_DISTRICTS = ("510104", "510107")
ZOOMS = range(7, 17)
FIRST_ACTOR_ROLE = "dispatcher"
PAN_SECONDS = 6
PAN_ZOOMS = (10.5, 12.5, 14.6)
BROWSER = ("chromium", "chromium-browser", "google-chrome")

_PAN = """
async ([seconds, zoom, centre, wave]) => {
  const map = document.querySelector('[data-map]').linliMap;
  map.jumpTo({ center: centre, zoom });
  await new Promise((done) => map.once('idle', done));
  const begin = performance.now();
  let frames = 0;
  await new Promise((done) => {
    const step = (now) => {
      const t = (now - begin) / 1000;
      if (t >= seconds) return done();
      frames += 1;
      // A figure of eight, some two screens wide, at the speed of a hand.
      const reach = 0.5 * 2 ** (10 - zoom);
      const at = [centre[0] + reach * Math.sin(t), centre[1] + reach * 0.5 * Math.sin(2 * t)];
      map.jumpTo({ center: at, zoom: zoom + wave * Math.sin(3 * t) });
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  });
  return frames / ((performance.now() - begin) / 1000);
}
"""
_EMPTY = """
() => {
  const map = document.querySelector('[data-map]').linliMap;
  for (const layer of map.getStyle().layers) if (layer.source === 'tiles') map.removeLayer(layer.id);
  map.removeSource('tiles');
}
"""


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def sample(zoom: int, count: int) -> list[tuple[int, int]]:
    """Some of the tiles of a zoom on which the middle of a micro-grid lies."""
    import numpy as np

    from linli.territory.models import Area
    from linli.territory.tile_layers import world

    middles = Area.objects.filter(level="micro_grid", valid_to=None, label_lng__isnull=False)
    units = world(np.array(middles.values_list("label_lng", "label_lat")))
    found = sorted({(int(x), int(y)) for x, y in (units >> np.uint32(32 - zoom)).tolist()})
    return random.Random(zoom).sample(found, min(count, len(found)))


def tiles_of(zoom: int, count: int) -> None:
    """CPU and bytes of the tiles of one zoom."""
    from linli.kernel.trust import ANONYMOUS
    from linli.territory import tiles
    from linli.territory.vector_tile import encode

    ours, bare, sizes, outlines = [], [], [], []
    chosen = sample(zoom, count)
    tiles.encoded(tiles.asked(ANONYMOUS, "ground", zoom, *chosen[0]))  # the levels of this zoom are laid flat once
    for x, y in chosen:
        wanted = tiles.asked(ANONYMOUS, "ground", zoom, x, y)
        began = time.process_time()
        made = tiles.tile(wanted)
        ours.append((time.process_time() - began) * 1000)
        layers = tiles.cut_layers(wanted)
        began = time.process_time()
        encode(layers)
        bare.append((time.process_time() - began) * 1000)
        sizes.append(float(len(made.packed)))
        shapes = [replace(layer, facts={}) for layer in layers if len(layer.rings)]
        outlines.append(float(len(gzip.compress(encode(shapes), 6))))
    for word, share in (("p50", 0.5), ("p99", 0.99)):
        spent, least = percentile(ours, share), percentile(bare, share)
        harness.line("tiles", f"tile_cpu_ms_z{zoom}_{word}", spent, "ms", ceiling=least, ratio=least / spent)
        size, least = percentile(sizes, share), percentile(outlines, share)
        harness.line("tiles", f"tile_bytes_z{zoom}_{word}", size, "bytes", ceiling=least, ratio=least / size)


def load() -> None:
    """What it costs a process to have the grids at hand."""
    from django.db import connection

    from linli.kernel.trust import ANONYMOUS
    from linli.territory import tiles
    from linli.territory.models import Area

    x, y = sample(14, 1)[0]
    tiles.forget()
    began = time.process_time()
    tiles.encoded(tiles.asked(ANONYMOUS, "micro_grid", 14, x, y))
    ours = time.process_time() - began
    began = time.process_time()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.path, a.name, b.geometry FROM territory_area a JOIN territory_boundary b"
            " ON b.area_id = a.id AND b.district = a.district WHERE a.level = 'micro_grid'"
        )
        cursor.fetchall()
    bare = time.process_time() - began
    harness.say(f"{Area.objects.filter(level='micro_grid').count():,} micro-grids")
    harness.line("tiles", "load_cpu_s", ours, "s", ceiling=bare, ratio=bare / ours)


MAPS = {"pan_fps": ("/desk/map/all", 0.0), "cockpit_fps": (f"/cockpit/{harness.DISTRICT}", 0.4)}
"""What is panned: the map of all grids, and the cockpit's, coloured by a figure; and by how many levels it is zoomed meanwhile."""


def pan(zooms: tuple[float, ...], seconds: int) -> None:
    """Frames a second of a pan over the maps, and over the same without tiles."""
    from django.conf import settings
    from django.test import Client
    from playwright.sync_api import sync_playwright

    from linli.kernel import time as clock
    from linli.people import sessions
    from linli.people.models import Post
    from linli.territory.models import Area

    program = next((found for name in BROWSER if (found := shutil.which(name))), None)
    if program is None:
        harness.say("no Chromium here: pan_fps is left out")
        return
    own = {"role": FIRST_ACTOR_ROLE, "district": harness.DISTRICT, "area_path": harness.DISTRICT}
    post = Post.objects.select_related("account").filter(**own).first()
    assert post is not None
    client = Client()
    client.force_login(post.account, backend=sessions.BACKEND)
    session = client.session
    session[sessions.SEEN_KEY] = clock.now().timestamp()
    session[sessions.POST_KEY] = f"{post.district}:{post.id}"
    session.save()
    middle = Area.objects.get(path=harness.DISTRICT, valid_to=None)
    centre = [middle.label_lng, middle.label_lat]
    flags = ["--no-sandbox", "--enable-unsafe-swiftshader", "--use-angle=swiftshader", "--ignore-gpu-blocklist"]
    with harness.web_server() as (port, _pid), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        site = f"http://127.0.0.1:{port}"
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": str(session.session_key), "url": site}]
        )
        found = {}
        for figure, (address, wave) in MAPS.items():
            page.goto(f"{site}{address}")
            page.locator(".map.is-ready").wait_for(timeout=60_000)
            if folder := os.environ.get("BENCH_PICTURES"):
                _pictures(page, folder, figure, centre)
            ours = [float(page.evaluate(_PAN, [seconds, zoom, centre, wave])) for zoom in zooms]
            page.evaluate(_EMPTY)
            empty = [float(page.evaluate(_PAN, [seconds, zoom, centre, wave])) for zoom in zooms]
            found[figure] = list(zip(ours, empty, strict=True))
        browser.close()
    for figure, pairs in found.items():
        for zoom, (fps, most) in zip(zooms, pairs, strict=True):
            harness.line("tiles", f"{figure}_z{zoom:g}", fps, "1/s", ceiling=most, ratio=fps / most)
        worst, most = min(pairs)
        harness.line("tiles", figure, worst, "1/s", ceiling=most, ratio=worst / most)


def _pictures(page: Any, folder: str, figure: str, centre: list[float]) -> None:
    for zoom in (8, 10.5, 12.2, 13.5, 15, 17):
        page.evaluate(
            "([zoom, centre]) => { const map = document.querySelector('[data-map]').linliMap;"
            " map.jumpTo({ center: centre, zoom }); return new Promise((done) => map.once('idle', done)); }",
            [zoom, centre],
        )
        page.locator("[data-map]").screenshot(path=f"{folder}/{figure}-{zoom}.png")


def main() -> None:
    """Load the city, ask for tiles, pan."""
    options = harness.arguments(__doc__ or "")
    with harness.database():
        from django.core.management import call_command

        from linli.people import staffing

        with open(os.devnull, "w") as quiet:
            call_command("import", "divisions", "chengdu", stdout=quiet)
            call_command("load_catalogue", stdout=quiet)
            chosen = [f"--district={code}" for code in QUICK_DISTRICTS] if options.quick else [f"--city={CITY}"]
            call_command("generate", *chosen, "--dwellings=none", stdout=quiet)
        staffing.staff_district(harness.DISTRICT)
        load()
        for zoom in ZOOMS:
            tiles_of(zoom, 30 if options.quick else 200)
        pan(PAN_ZOOMS[-1:] if options.quick else PAN_ZOOMS, 4 if options.quick else PAN_SECONDS)


if __name__ == "__main__":
    main()
