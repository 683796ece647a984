/*
 * The editor of micro-grids, on a map that is mounted already (map.ts). The form beside it is whole without it: the map only ticks
 * its boxes, fills its line in, and shows what a step would come to before it is drawn. The page's part:
 *   data-redraw=URL            shapes of the change: kind stays, new, ended, finding, place
 *   [data-redraw-form]         the form; data-try=URL answers what its step would come to
 *   [data-redraw-tools]        [data-draw-line] [data-draw-clear], shown when the map is there
 *   [data-redraw-said]         a status line; [data-redraw-findings] the list of findings, [data-place] their places
 */
import type { Feature, FeatureCollection, LineString } from "geojson";
import type { GeoJSONSource, LngLatBoundsLike, Map as BaseMap } from "maplibre-gl";
import { TerraDraw, TerraDrawLineStringMode } from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";

import { word } from "./behaviours/words";
import { box, labels, rounded } from "./map/geometry";
import { palette } from "./map/ground";

interface Found {
  words: string;
  refuses: boolean;
  lng: number;
  lat: number;
  at: string;
}

interface Tried {
  refused: boolean;
  said: string;
  findings: Found[];
  shapes: Feature[];
  place: [number, number] | null;
}

const PAUSE = 350;
const NOTHING: FeatureCollection = { type: "FeatureCollection", features: [] };

/** The line as the form's text: one point a line. */
export function written(line: LineString): string {
  return line.coordinates.map(([lng = 0, lat = 0]) => `${rounded(lng)}, ${rounded(lat)}`).join("\n");
}

export async function mountRedraw(root: HTMLElement, map: BaseMap): Promise<void> {
  const form = document.querySelector<HTMLFormElement>("[data-redraw-form]");
  const said = document.querySelector<HTMLElement>("[data-redraw-said]");
  const list = document.querySelector<HTMLElement>("[data-redraw-findings]");
  const answer = await fetch(root.dataset.redraw ?? "");
  if (!answer.ok) return;
  const kept = (await answer.json()) as FeatureCollection;
  let shown = kept;

  const chosen = () =>
    [...(form?.querySelectorAll<HTMLInputElement>('input[name="grids"]:checked') ?? [])].map((one) => one.value);
  const fill = () => {
    map.getSource<GeoJSONSource>("redraw")?.setData(shown);
    const named = shown.features.filter((one) => ["stays", "new"].includes(String(one.properties?.kind)));
    map.getSource<GeoJSONSource>("redraw-names")?.setData(labels({ type: "FeatureCollection", features: named }));
    mark();
  };
  const mark = () => {
    if (map.getLayer("redraw-chosen")) map.setFilter("redraw-chosen", ["in", ["get", "key"], ["literal", chosen()]]);
  };
  const layers = () => {
    if (map.getSource("redraw")) return;
    const colours = palette();
    map.addSource("redraw", { type: "geojson", data: NOTHING });
    map.addSource("redraw-names", { type: "geojson", data: NOTHING });
    const of = (...kinds: string[]) => ["in", ["get", "kind"], ["literal", kinds]] as never;
    map.addLayer({ id: "redraw-grids", type: "fill", source: "redraw", filter: of("stays", "new"),
      paint: { "fill-color": ["match", ["get", "kind"], "new", colours.brand, colours.surface], "fill-opacity": ["match", ["get", "kind"], "new", 0.14, 0.4] } }); // prettier-ignore
    map.addLayer({ id: "redraw-chosen", type: "fill", source: "redraw", filter: ["in", ["get", "key"], ["literal", []]] as never,
      paint: { "fill-color": colours.info, "fill-opacity": 0.25 } }); // prettier-ignore
    map.addLayer({ id: "redraw-stays", type: "line", source: "redraw", filter: of("stays"),
      paint: { "line-color": colours.strong, "line-width": 1 } }); // prettier-ignore
    map.addLayer({ id: "redraw-ended", type: "line", source: "redraw", filter: of("ended"),
      paint: { "line-color": colours.soon, "line-width": 2, "line-dasharray": [2, 2] } }); // prettier-ignore
    map.addLayer({ id: "redraw-new", type: "line", source: "redraw", filter: of("new"),
      paint: { "line-color": colours.brand, "line-width": 2.4 } }); // prettier-ignore
    map.addLayer({ id: "redraw-finding", type: "fill", source: "redraw", filter: of("finding"),
      paint: { "fill-color": colours.late, "fill-opacity": 0.45, "fill-outline-color": colours.late } }); // prettier-ignore
    map.addLayer({ id: "redraw-place", type: "circle", source: "redraw", filter: of("place"),
      paint: { "circle-radius": 8, "circle-color": colours.surface, "circle-stroke-width": 3, "circle-stroke-color": ["case", ["get", "refuses"], colours.late, colours.soon] } }); // prettier-ignore
    map.addLayer({ id: "redraw-names", type: "symbol", source: "redraw-names",
      layout: { "text-field": ["get", "name"], "text-font": ["Noto Sans CJK SC", "PingFang SC", "Noto Sans SC"], "text-size": 12, "text-max-width": 7 },
      paint: { "text-color": colours.label, "text-halo-color": colours.halo, "text-halo-width": 1.4 } }); // prettier-ignore
  };
  layers();
  fill();
  const changed = shown.features.filter((one) => one.properties?.kind === "new" || one.properties?.kind === "place");
  const view = box(changed.length ? changed : shown.features);
  if (view) map.fitBounds(view as LngLatBoundsLike, { padding: 48, maxZoom: 18, animate: false });
  document.addEventListener("linli:theme", () =>
    map.once("styledata", () => {
      layers();
      fill();
    }),
  );
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLElement>("[data-place]");
    if (link) map.jumpTo({ center: [Number(link.dataset.lng), Number(link.dataset.lat)], zoom: 18 });
  });
  root.classList.add("is-redrawn");
  if (!form) return;

  const tell = (tried: Tried) => {
    if (said) said.textContent = tried.said;
    list?.replaceChildren(
      ...tried.findings.map((one) => {
        const row = document.createElement("li");
        row.className = one.refuses ? "text-late" : "";
        const link = document.createElement("a");
        Object.assign(link, { className: "num", href: "#redraw-map", textContent: one.at });
        Object.assign(link.dataset, { place: "", lng: String(one.lng), lat: String(one.lat) });
        row.append(`${one.words} `, link);
        return row;
      }),
    );
    const at: Feature[] = tried.place
      ? [{ type: "Feature", properties: { kind: "place", refuses: true }, geometry: { type: "Point", coordinates: tried.place } }]
      : [];
    shown = { type: "FeatureCollection", features: [...(tried.shapes.length ? tried.shapes : kept.features), ...at] };
    fill();
  };
  const whole = () => {
    const field = (name: string) => form.querySelector<HTMLInputElement | HTMLSelectElement>(`[name="${name}"]`)?.value ?? "";
    const needsLine = ["split", "cut", "move"].includes(field("do"));
    const enough = { split: 1, cut: 0, merge: 2, move: 2, rename: 1, confirm: 1 }[field("do")] ?? 1;
    return chosen().length >= enough && (!needsLine || !["line", "file"].includes(field("cut")) || field(field("cut") === "file" ? "line_file" : "line").trim() !== "");
  };
  let timer = 0;
  let asked = 0;
  const attempt = () => {
    window.clearTimeout(timer);
    mark();
    timer = window.setTimeout(() => {
      if (!whole()) return;
      const mine = (asked += 1);
      void fetch(form.dataset.try ?? "", { method: "POST", body: new FormData(form) }).then(async (got) => {
        if (got.ok && mine === asked) tell((await got.json()) as Tried);
      });
    }, PAUSE);
  };
  form.addEventListener("input", attempt);
  form.addEventListener("change", attempt);

  const line = form.querySelector<HTMLTextAreaElement>("#id_line");
  const cut = form.querySelector<HTMLSelectElement>("#id_cut");
  const draw = new TerraDraw({
    adapter: new TerraDrawMapLibreGLAdapter({ map, prefixId: "redraw-line" }),
    modes: [
      new TerraDrawLineStringMode({
        styles: { lineStringColor: palette().late as `#${string}`, lineStringWidth: 3 },
        pointerDistance: 20,
      }),
    ],
  });
  let drawing = false;
  const clear = () => {
    if (draw.enabled) draw.clear();
  };
  draw.on("finish", (id) => {
    const drawn = draw.getSnapshot().find((one) => one.id === id);
    if (drawn?.geometry.type === "LineString" && line) {
      line.value = written(drawn.geometry);
      if (cut) cut.value = "line";
      attempt();
    }
    draw.setMode("static");
    // the tap that ended the line still reaches the map, which must not take it for a choice
    window.setTimeout(() => {
      drawing = false;
      map.doubleClickZoom.enable();
    }, PAUSE);
  });
  const tools = document.querySelector<HTMLElement>("[data-redraw-tools]");
  tools?.removeAttribute("hidden");
  tools?.querySelector("[data-draw-line]")?.addEventListener("click", () => {
    if (!draw.enabled) draw.start();
    clear();
    draw.setMode("linestring");
    drawing = true;
    map.doubleClickZoom.disable();
    if (said) said.textContent = word("map-draw");
  });
  tools?.querySelector("[data-draw-clear]")?.addEventListener("click", () => {
    clear();
    if (line) line.value = "";
    shown = kept;
    fill();
  });
  map.on("click", "redraw-grids", (event) => {
    const key = event.features?.[0]?.properties?.key;
    if (drawing || !key) return;
    const tick = form.querySelector<HTMLInputElement>(`input[name="grids"][value="${CSS.escape(String(key))}"]`);
    if (!tick) return;
    tick.checked = !tick.checked;
    tick.closest("details")?.setAttribute("open", "");
    tick.scrollIntoView({ block: "nearest" });
    attempt();
  });
}
