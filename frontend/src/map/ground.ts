/*
 * The map's own ground, drawn without any tile server: the outlines of districts, subdistricts, communities and grids as
 * quiet lines with their names, in the page's own colours. Features carry `level` (district … micro_grid) and `name`.
 */
import type { StyleSpecification } from "maplibre-gl";

export interface Palette {
  land: string;
  line: string;
  strong: string;
  ink: string;
  label: string;
  halo: string;
  surface: string;
  brand: string;
  brandSoft: string;
  late: string;
  soon: string;
  good: string;
  info: string;
  quiet: string;
}

export function palette(root: HTMLElement = document.documentElement): Palette {
  const css = getComputedStyle(root);
  const get = (name: string) => css.getPropertyValue(name).trim() || "#888888";
  return {
    land: get("--map-land"),
    line: get("--map-line"),
    strong: get("--map-line-strong"),
    ink: get("--ink"),
    label: get("--map-label"),
    halo: get("--map-halo"),
    surface: get("--surface"),
    brand: get("--brand"),
    brandSoft: get("--brand-soft"),
    late: get("--late"),
    soon: get("--soon"),
    good: get("--good"),
    info: get("--info"),
    quiet: get("--ink-3"),
  };
}

/** From which zoom a level is drawn, how wide its line is, and from which zoom it is named. */
export const LEVELS = [
  { level: "district", from: 0, width: 1.8, named: 0, until: 11.5, size: 13 },
  { level: "subdistrict", from: 8.5, width: 1.2, named: 10, until: 13.2, size: 12 },
  { level: "community", from: 9, width: 0.6, named: 12.2, until: 16, size: 12 },
  { level: "general_grid", from: 13, width: 0.7, named: 13.5, until: 24, size: 12 },
  { level: "dedicated_grid", from: 14.5, width: 0.5, named: 16.5, until: 24, size: 11 },
  { level: "micro_grid", from: 14.5, width: 0.5, named: 16.5, until: 24, size: 11 },
] as const;

const EMPTY = { type: "FeatureCollection", features: [] } as const;

export function ground(colours: Palette): StyleSpecification {
  const layers: StyleSpecification["layers"] = [
    { id: "sheet", type: "background", paint: { "background-color": colours.land } },
    {
      id: "areas",
      type: "fill",
      source: "outlines",
      paint: { "fill-color": colours.surface, "fill-opacity": ["match", ["get", "level"], "district", 0.7, 0.25] },
    },
    {
      id: "own",
      type: "fill",
      source: "outlines",
      filter: ["==", ["get", "own"], true],
      paint: { "fill-color": colours.brand, "fill-opacity": 0.08 },
    },
  ];
  for (const { level, from, width } of [...LEVELS].reverse()) {
    layers.push({
      id: `line-${level}`,
      type: "line",
      source: "outlines",
      minzoom: from,
      filter: ["==", ["get", "level"], level],
      layout: { "line-join": "round" },
      paint: {
        "line-color": level === "district" || level === "subdistrict" ? colours.strong : colours.line,
        "line-width": ["interpolate", ["linear"], ["zoom"], from, width, from + 5, width * 1.8],
        ...(level === "micro_grid" ? { "line-dasharray": [3, 2] } : {}),
      },
    });
  }
  layers.push({
    id: "own-line",
    type: "line",
    source: "outlines",
    filter: ["==", ["get", "own"], true],
    paint: { "line-color": colours.brand, "line-width": 2 },
  });
  layers.push({
    id: "roads",
    type: "line",
    source: "roads",
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": colours.surface, "line-width": ["interpolate", ["linear"], ["zoom"], 11, 1, 16, 7] },
  });
  for (const { level, named, until, size } of LEVELS) {
    layers.push({
      id: `name-${level}`,
      type: "symbol",
      source: "labels",
      minzoom: named,
      maxzoom: until,
      filter: ["==", ["get", "level"], level],
      layout: {
        "text-field": ["get", "name"],
        "text-font": ["Noto Sans CJK SC", "PingFang SC", "Noto Sans SC"],
        "text-size": size,
        "text-max-width": 7,
        "text-padding": 6,
      },
      paint: { "text-color": colours.label, "text-halo-color": colours.halo, "text-halo-width": 1.4 },
    });
  }
  layers.push(
    {
      id: "route",
      type: "line",
      source: "route",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": colours.brand, "line-width": 2.5, "line-dasharray": [1, 1.6] },
    },
    {
      id: "cluster",
      type: "circle",
      source: "cases",
      filter: ["has", "point_count"],
      paint: {
        "circle-color": colours.surface,
        "circle-stroke-color": ["case", [">", ["get", "late"], 0], colours.late, colours.brand],
        "circle-stroke-width": 2,
        "circle-radius": ["interpolate", ["linear"], ["get", "point_count"], 2, 13, 100, 22, 1000, 30],
      },
    },
    {
      id: "cluster-count",
      type: "symbol",
      source: "cases",
      filter: ["has", "point_count"],
      layout: {
        "text-field": ["get", "point_count_abbreviated"],
        "text-font": ["Noto Sans CJK SC"],
        "text-size": 12,
        "text-allow-overlap": true,
      },
      paint: { "text-color": ["case", [">", ["get", "late"], 0], colours.late, colours.brand] },
    },
    {
      id: "cases",
      type: "symbol",
      source: "cases",
      filter: ["!", ["has", "point_count"]],
      layout: {
        "icon-image": ["concat", "form-", ["coalesce", ["get", "form"], "open"]],
        "icon-size": ["interpolate", ["linear"], ["zoom"], 10, 0.75, 16, 1.1],
        "icon-allow-overlap": true,
        "symbol-sort-key": ["match", ["get", "form"], "late", 3, "soon", 2, "open", 1, 0],
      },
    },
  );
  return {
    version: 8,
    sources: {
      outlines: { type: "geojson", data: EMPTY as never },
      labels: { type: "geojson", data: EMPTY as never },
      roads: { type: "geojson", data: EMPTY as never },
      route: { type: "geojson", data: EMPTY as never },
      cases: {
        type: "geojson",
        data: EMPTY as never,
        cluster: true,
        clusterMaxZoom: 14,
        clusterRadius: 30,
        clusterProperties: { late: ["+", ["case", ["==", ["get", "form"], "late"], 1, 0]] },
      },
    },
    layers,
  };
}
