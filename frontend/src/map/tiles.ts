/*
 * The ground as vector tiles (data-tiles): every level from the city's districts to its micro-grids, coloured by a chosen figure.
 * data-figures=URL says path → figures of the areas down to the community; micro-grids carry theirs in the tiles.
 * [data-map-colour] is a select with the figure, data-area-page the address before a path, which a tap on an area leads to.
 */
import type { ExpressionSpecification, Map as BaseMap } from "maplibre-gl";

import { LEVELS, type Palette } from "./ground";

export interface AreaFigures {
  grids: number;
  verified: number;
  households: number;
}
export type Figures = Record<string, AreaFigures>;
export type Colour = "verified" | "size" | "none";

const SOURCE = "tiles";
export const MOST_ZOOM = 16;
/** From which zoom to which a level is filled: one at a time. */
export const FILLED = [
  { level: "district", from: 0, until: 9 },
  { level: "subdistrict", from: 9, until: 11 },
  { level: "community", from: 11, until: 13 },
  { level: "micro_grid", from: 13, until: 24 },
] as const;
const LEAST = 30;
const MOST = 100;

/** The share of verified grids, or households a grid; null where nothing is known. */
export function value(colour: Colour, one: AreaFigures | undefined): number | null {
  if (!one?.grids || colour === "none") return null;
  return colour === "verified" ? one.verified / one.grids : one.households / one.grids;
}

/** The colour of an area as an expression: of micro-grids by what the tile says, of larger areas by their state. */
export function fill(level: string, colour: Colour, colours: Palette): ExpressionSpecification | string {
  if (colour === "none") return "transparent";
  const known: ExpressionSpecification =
    level !== "micro_grid"
      ? ["coalesce", ["feature-state", "value"], -1]
      : colour === "verified"
        ? ["coalesce", ["get", "verified"], -1]
        : ["get", "households"];
  const steps: ExpressionSpecification =
    colour === "verified"
      ? ["interpolate", ["linear"], known, 0, colours.surface, 0.01, colours.brandSoft, 1, colours.brand]
      : ["step", known, colours.soon, LEAST, colours.brandSoft, MOST + 0.01, colours.late];
  return ["case", ["<", known, 0], "transparent", steps];
}

/** Lay the tiles under everything but the plain sheet. Called again when the map's style was set anew. */
export function addTiles(map: BaseMap, address: string, colours: Palette, figures: Figures, colour: Colour): void {
  if (!map.getSource(SOURCE)) {
    map.addSource(SOURCE, {
      type: "vector",
      tiles: [address.startsWith("/") ? location.origin + address : address],
      maxzoom: MOST_ZOOM,
      promoteId: Object.fromEntries(LEVELS.map(({ level }) => [level, "path"])),
    });
    const above = map.getLayer("route") ? "route" : undefined;
    for (const { level, from, until } of FILLED) {
      map.addLayer(
        { id: `tile-fill-${level}`, type: "fill", source: SOURCE, "source-layer": level, minzoom: from, maxzoom: until,
          paint: { "fill-color": "transparent", "fill-opacity": 0.6, "fill-antialias": false } }, above); // prettier-ignore
    }
    for (const { level, from, width } of [...LEVELS].reverse()) {
      const strong = level === "district" || level === "subdistrict";
      map.addLayer(
        { id: `tile-line-${level}`, type: "line", source: SOURCE, "source-layer": level, minzoom: from,
          paint: { "line-color": strong ? colours.strong : colours.line,
            "line-width": ["interpolate", ["linear"], ["zoom"], from, width, from + 5, width * 1.8] } }, above); // prettier-ignore
    }
    for (const { level, named, until, size } of LEVELS) {
      map.addLayer(
        { id: `tile-name-${level}`, type: "symbol", source: SOURCE, "source-layer": `${level}_name`, minzoom: named, maxzoom: until,
          layout: { "text-field": ["get", "name"], "text-font": ["Noto Sans CJK SC", "PingFang SC", "Noto Sans SC"], "text-size": size,
            "text-max-width": 7, "text-padding": 6 },
          paint: { "text-color": colours.label, "text-halo-color": colours.halo, "text-halo-width": 1.4 } }, above); // prettier-ignore
    }
  }
  paint(map, colours, figures, colour);
}

/** Colour the areas anew. */
export function paint(map: BaseMap, colours: Palette, figures: Figures, colour: Colour): void {
  const levels: Record<number, string> = { 6: "district", 10: "subdistrict", 14: "community" };
  for (const [path, one] of Object.entries(figures)) {
    const sourceLayer = levels[path.length];
    if (sourceLayer) map.setFeatureState({ source: SOURCE, sourceLayer, id: path }, { value: value(colour, one) });
  }
  for (const { level } of FILLED) map.setPaintProperty(`tile-fill-${level}`, "fill-color", fill(level, colour, colours));
}

/** A tap on an area opens its page; the cursor says so. */
export function openAreas(root: HTMLElement, map: BaseMap): void {
  const prefix = root.dataset.areaPage;
  if (!prefix) return;
  for (const { level } of FILLED) {
    map.on("click", `tile-fill-${level}`, (event) => {
      const path = event.features?.[0]?.properties?.path;
      if (path) location.assign(prefix + String(path));
    });
    map.on("mouseenter", `tile-fill-${level}`, () => map.getCanvas().classList.add("is-hot"));
    map.on("mouseleave", `tile-fill-${level}`, () => map.getCanvas().classList.remove("is-hot"));
  }
}
