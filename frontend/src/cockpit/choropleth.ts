/*
 * Areas coloured by a figure, on a map that is mounted already (map.ts). Colours, numbers and where a tap leads all come from the
 * table beside it (data-choropleth=SELECTOR), so that the map and the list cannot differ. Its rows carry
 *   data-path  data-level  data-step (0 to 4, empty where there is nothing to show)  data-shown  data-name  data-lng  data-lat
 * and a link. After the table was fetched anew the document says `linli:fresh`.
 */
import type { FeatureCollection } from "geojson";
import type { ExpressionSpecification, GeoJSONSource, Map as BaseMap } from "maplibre-gl";

import { LEVELS, palette } from "../map/ground";

export interface Coloured {
  path: string;
  level: string;
  step: number;
  shown: string;
  name: string;
  at: [number, number] | null;
  href: string;
}

const SOURCE = "tiles";
const NOTHING: FeatureCollection = { type: "FeatureCollection", features: [] };
export const STEPS = 5;
/** From which zoom on micro-grids have tiles. */
const MICRO_GRIDS = 13;

/** The rows of the table that can be told on a map. */
export function read(table: ParentNode): Coloured[] {
  return [...table.querySelectorAll<HTMLElement>("tr[data-path]")].map((row) => ({
    path: row.dataset.path ?? "",
    level: row.dataset.level ?? "",
    step: row.dataset.step ? Number(row.dataset.step) : -1,
    shown: row.dataset.shown ?? "",
    name: row.dataset.name ?? "",
    at: row.dataset.lng ? [Number(row.dataset.lng), Number(row.dataset.lat)] : null,
    href: row.querySelector("a")?.href ?? "",
  }));
}

/** Path → step as an expression; without rows nothing has one. */
export function steps(rows: Coloured[]): ExpressionSpecification | number {
  const pairs = rows.filter((one) => one.step >= 0).flatMap((one) => [one.path, one.step]);
  return pairs.length ? (["match", ["get", "path"], ...pairs, -1] as unknown as ExpressionSpecification) : -1;
}

function points(rows: Coloured[]): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: rows.flatMap((one) =>
      one.at ? [{ type: "Feature", properties: { name: one.name, shown: one.shown, order: -one.step }, geometry: { type: "Point", coordinates: one.at } }] : [],
    ),
  };
}

export function mountChoropleth(root: HTMLElement, map: BaseMap): void {
  const selector = root.dataset.choropleth ?? "";
  const size = Number(root.dataset.labelSize ?? 13);
  let rows: Coloured[] = [];
  const layers = () => {
    if (!map.getSource(SOURCE) || map.getSource("figured")) return;
    const colours = palette();
    const under = map.getLayer("tile-line-micro_grid") ? "tile-line-micro_grid" : undefined;
    for (const level of new Set(rows.map((one) => one.level))) {
      map.addLayer(
        { id: `figured-${level}`, type: "fill", source: SOURCE, "source-layer": level,
          paint: { "fill-color": "transparent", "fill-opacity": 0.78, "fill-antialias": false } }, under); // prettier-ignore
      map.addLayer({ id: `figured-line-${level}`, type: "line", source: SOURCE, "source-layer": level,
        paint: { "line-color": colours.strong, "line-width": 1.4 } }); // prettier-ignore
      map.addLayer({ id: `figured-hot-${level}`, type: "line", source: SOURCE, "source-layer": level, filter: ["==", ["get", "path"], ""],
        paint: { "line-color": colours.brand, "line-width": 4 } }); // prettier-ignore
    }
    for (const { level } of LEVELS) if (map.getLayer(`tile-name-${level}`)) map.setLayoutProperty(`tile-name-${level}`, "visibility", "none");
    map.addSource("figured", { type: "geojson", data: NOTHING });
    map.addLayer({ id: "figured-names", type: "symbol", source: "figured",
      layout: { "text-field": ["format", ["get", "name"], { "font-scale": 0.86 }, "\n", {}, ["get", "shown"], { "font-scale": 1.16 }],
        "text-font": ["Noto Sans CJK SC", "PingFang SC", "Noto Sans SC"], "text-size": size, "text-max-width": 8, "text-padding": 2,
        "symbol-sort-key": ["get", "order"] },
      paint: { "text-color": colours.ink, "text-halo-color": colours.halo, "text-halo-width": 2 } }); // prettier-ignore
  };
  const paint = () => {
    const table = document.querySelector(selector);
    rows = table ? read(table) : [];
    layers();
    const colours = palette();
    const step = steps(rows);
    const colour: unknown =
      step === -1
        ? "transparent"
        : ["case", ["<", step, 0], "transparent", ["interpolate", ["linear"], step, 0, colours.brandSoft, STEPS - 1, colours.brand]];
    for (const level of new Set(rows.map((one) => one.level))) {
      if (map.getLayer(`figured-${level}`)) map.setPaintProperty(`figured-${level}`, "fill-color", colour as ExpressionSpecification);
    }
    map.getSource<GeoJSONSource>("figured")?.setData(points(rows));
  };
  paint();
  // on a narrow page a whole subdistrict would not come near enough for its micro-grids to be drawn
  if (rows.some((one) => one.level === "micro_grid") && map.getZoom() < MICRO_GRIDS) map.setZoom(MICRO_GRIDS);
  document.addEventListener("linli:fresh", paint);
  document.addEventListener("linli:theme", () => map.once("styledata", paint));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => map.once("styledata", paint));

  const row = (path: string) => rows.find((one) => one.path === path);
  for (const level of new Set(rows.map((one) => one.level))) {
    map.on("click", `figured-${level}`, (event) => {
      const point = map.queryRenderedFeatures(event.point, { layers: ["cases", "cluster"] })[0]; // what lies above the area is meant first
      if (point) {
        if (point.properties.href) location.assign(String(point.properties.href));
        return;
      }
      const found = row(String(event.features?.[0]?.properties?.path ?? ""));
      if (found?.href) location.assign(found.href);
    });
    map.on("mouseenter", `figured-${level}`, () => map.getCanvas().classList.add("is-hot"));
    map.on("mouseleave", `figured-${level}`, () => map.getCanvas().classList.remove("is-hot"));
  }
  // what stands under the hand in the table is stressed on the map
  const stress = (event: Event) => {
    const path = (event.target as Element).closest<HTMLElement>("tr[data-path]")?.dataset.path ?? "";
    for (const level of new Set(rows.map((one) => one.level))) {
      if (map.getLayer(`figured-hot-${level}`)) map.setFilter(`figured-hot-${level}`, ["==", ["get", "path"], path]);
    }
  };
  document.addEventListener("focusin", stress);
  document.addEventListener("pointerover", stress);
}
