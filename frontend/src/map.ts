/*
 * The map island. The page says everything in data attributes of one element:
 *   data-map="pick|cases|view|walk"   data-outlines=URL  data-cases=URL  data-roads=URL
 *   data-redraw=URL  a change of micro-grids, drawn by redraw.ts
 *   data-choropleth=SELECTOR  the table whose figures colour the areas (cockpit/choropleth.ts)
 *   data-tiles=URL with {z}/{x}/{y}  the whole ground as vector tiles (map/tiles.ts)      data-bounds=W,S,E,N  where to begin
 *   data-lng data-lat data-zoom  where to begin      data-own=PATH  the area to stress
 * `pick` keeps two inputs (data-lng-input, data-lat-input: ids) and fires `linli:place` and `change` on the first.
 * `cases` fires `linli:case` with the properties of the one chosen, and follows data-case-id links of the list beside it.
 * All coordinates are WGS 84.
 */
import "maplibre-gl/dist/maplibre-gl.css";
import "./styles/map.css";
import * as maplibre from "maplibre-gl";
import type { GeoJSONSource, LngLatBoundsLike, Map as BaseMap, Marker } from "maplibre-gl";
import type { FeatureCollection } from "geojson";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";

import { keep, say as saying } from "./behaviours/here";
import { word } from "./behaviours/words";
import { box, labels } from "./map/geometry";
import { ground, palette } from "./map/ground";
import { draw, FORMS, type Form } from "./map/shapes";
import { addTiles, openAreas, paint, type Colour, type Figures } from "./map/tiles";
import { metres } from "./outbox/walk";

maplibre.setWorkerUrl(workerUrl);

const SAME_DOOR = 3;
const CHENGDU: [number, number] = [104.066, 30.657];

async function fetchFeatures(address: string | undefined): Promise<FeatureCollection | null> {
  if (!address) return null;
  const answer = await fetch(address, { headers: { Accept: "application/geo+json, application/json" } });
  return answer.ok ? ((await answer.json()) as FeatureCollection) : null;
}

function addForms(map: BaseMap): void {
  const colours = palette();
  const tints: Record<Form, string> = {
    late: colours.late,
    soon: colours.soon,
    open: colours.info,
    done: colours.good,
    paused: colours.quiet,
  };
  for (const form of FORMS) {
    const image = draw(form, tints[form], colours.halo);
    if (!image) continue;
    if (map.hasImage(`form-${form}`)) map.removeImage(`form-${form}`);
    map.addImage(`form-${form}`, image, { pixelRatio: 2 });
  }
}

export async function mountMap(root: HTMLElement): Promise<BaseMap | null> {
  const data = root.dataset;
  const canvas = root.querySelector<HTMLElement>(".map-canvas");
  if (!canvas) return null;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const startLng = Number(data.lng);
  const startLat = Number(data.lat);
  const begun = Boolean(data.lng && data.lat);
  const map = new maplibre.Map({
    container: canvas,
    style: ground(palette()),
    center: begun ? [startLng, startLat] : CHENGDU,
    zoom: Number(data.zoom ?? (begun ? 15 : 10)),
    minZoom: 7,
    maxZoom: 19,
    dragRotate: false,
    pitchWithRotate: false,
    attributionControl: false,
    cooperativeGestures: false,
    fadeDuration: still ? 0 : 150,
    locale: {
      "NavigationControl.ZoomIn": word("map-in"),
      "NavigationControl.ZoomOut": word("map-out"),
      "Map.Title": word("map-title"),
    },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  (root as HTMLElement & { linliMap?: BaseMap }).linliMap = map;

  const say = (text: string) => saying(root, text);

  const figured = data.figures ? fetch(data.figures).then((answer) => (answer.ok ? answer.json() : {}), () => ({})) : {};
  const [figures, outlines, cases, roads] = await Promise.all([
    figured as Figures,
    fetchFeatures(data.outlines).catch(() => null),
    fetchFeatures(data.cases).catch(() => null),
    fetchFeatures(data.roads).catch(() => null),
    new Promise<void>((done) => (map.loaded() ? done() : map.once("load", () => done()))),
  ]);

  let latestCases = cases;
  const chooser = document.querySelector<HTMLSelectElement>("[data-map-colour]");
  const colour = () => (chooser?.value ?? (data.figures ? "verified" : "none")) as Colour;
  const fill = () => {
    addForms(map);
    if (data.tiles) addTiles(map, data.tiles, palette(), figures, colour());
    if (outlines) {
      for (const feature of outlines.features) {
        if (data.own && feature.properties?.path === data.own) feature.properties.own = true;
      }
      map.getSource<GeoJSONSource>("outlines")?.setData(outlines);
      map.getSource<GeoJSONSource>("labels")?.setData(labels(outlines));
    }
    if (roads) map.getSource<GeoJSONSource>("roads")?.setData(roads);
    if (latestCases) map.getSource<GeoJSONSource>("cases")?.setData(latestCases);
  };
  fill();
  // the theme may change under us: the ground follows
  const repaint = () => {
    map.setStyle(ground(palette()), { diff: false });
    map.once("styledata", fill);
  };
  document.addEventListener("linli:theme", repaint);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);

  const own = outlines?.features.filter((feature) => feature.properties?.own) ?? [];
  const view = box(own.length ? own : (cases?.features.length ? cases : outlines)?.features ?? []);
  if (view && !begun) map.fitBounds(view as LngLatBoundsLike, { padding: 36, maxZoom: 16, animate: false });

  const bounds = (data.bounds ?? "").split(",").map(Number);
  if (bounds.length === 4) map.fitBounds(bounds as LngLatBoundsLike, { padding: 24, maxZoom: 17, animate: false });
  if (data.tiles) {
    openAreas(root, map);
    chooser?.addEventListener("change", () => {
      paint(map, palette(), figures, colour());
      for (const key of document.querySelectorAll<HTMLElement>("[data-colour-key]")) key.hidden = key.dataset.colourKey !== colour();
    });
  }

  if (data.map === "pick") pick(root, map);
  if (data.map === "view" && begun) pin(map, [startLng, startLat], false);
  if (data.map === "walk") route(map, still);
  if (data.map === "cases") {
    show(root, map, say);
    root.addEventListener("live", () => {
      void fetchFeatures(data.cases).then((fresh) => {
        if (!fresh) return;
        latestCases = fresh;
        map.getSource<GeoJSONSource>("cases")?.setData(fresh);
      });
    });
  }
  if (data.redraw) await (await import("./redraw")).mountRedraw(root, map);
  if (data.choropleth) (await import("./cockpit/choropleth")).mountChoropleth(root, map);
  root.classList.add("is-ready");
  root.dispatchEvent(new CustomEvent("linli:map-ready", { bubbles: true }));
  return map;
}

const PIN =
  '<svg viewBox="0 0 44 52" aria-hidden="true"><path d="M22 2C12.6 2 5 9.5 5 18.8 5 31 22 50 22 50s17-19 17-31.2C39 9.5 31.4 2 22 2Z"/><circle cx="22" cy="19" r="6.5" fill="#fff"/></svg>';

function pin(map: BaseMap, at: [number, number], draggable: boolean): Marker {
  const element = document.createElement(draggable ? "button" : "span");
  element.className = "map-pin";
  element.innerHTML = PIN;
  if (element instanceof HTMLButtonElement) {
    element.type = "button";
    element.setAttribute("aria-label", word("map-pin"));
  }
  return new maplibre.Marker({ element, anchor: "bottom", draggable }).setLngLat(at).addTo(map);
}

/** The numbered rows of the list, in their order; they are numbered anew when the way begins elsewhere. */
function route(map: BaseMap, still: boolean): void {
  let markers: Marker[] = [];
  const draw = () => {
    for (const marker of markers) marker.remove();
    const rows = [...document.querySelectorAll<HTMLElement>("[data-walk] > [data-walk-at]")];
    const stops = rows.map((row) => ({ row, link: row.querySelector<HTMLElement>("[data-lng]")! }));
    const points = stops.map(({ link }): [number, number] => [Number(link.dataset.lng), Number(link.dataset.lat)]);
    // what lies at one door is one stop: 2–4
    const doors: { from: number; to: number }[] = [];
    for (const at of points.keys()) {
      const last = doors.at(-1);
      if (last && metres(points[last.to]!, points[at]!) < SAME_DOOR) last.to = at;
      else doors.push({ from: at, to: at });
    }
    markers = doors.map(({ from, to }) => {
      const { row, link } = stops[from]!;
      const element = document.createElement("button");
      element.type = "button";
      element.className = "map-stop num";
      const last = stops[to]!.row.dataset.walkAt ?? "";
      element.textContent = from === to ? last : `${row.dataset.walkAt}–${last}`;
      element.setAttribute("aria-label", `${element.textContent} ${link.querySelector(".row-title")?.textContent ?? ""}`);
      element.addEventListener("click", () => {
        link.scrollIntoView({ block: "center" });
        link.focus();
      });
      return new maplibre.Marker({ element }).setLngLat(points[from]!).addTo(map);
    });
    const line: FeatureCollection = {
      type: "FeatureCollection",
      features: [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: points } }],
    };
    map.getSource<GeoJSONSource>("route")?.setData(line);
    const view = box(line.features);
    if (view) map.fitBounds(view as LngLatBoundsLike, { padding: 44, maxZoom: 17, animate: !still, duration: 150 });
  };
  draw();
  document.addEventListener("linli:walk", draw);
  document.addEventListener("linli:theme", () => map.once("styledata", draw));
}

/** One point, set by a tap, by dragging, by the arrow keys on the pin, by "middle of the map" or by "where I am" (here.ts). */
function pick(root: HTMLElement, map: BaseMap): void {
  let marker: Marker | null = null;

  const place = (to: [number, number], how: string) => {
    if (!marker) {
      marker = pin(map, to, true);
      marker.on("dragend", () => {
        const now = marker?.getLngLat();
        if (now) settle([now.lng, now.lat], "drag");
      });
      marker.getElement().addEventListener("keydown", (event) => {
        const step = event.shiftKey ? 40 : 8;
        const moves: Record<string, [number, number]> = {
          ArrowUp: [0, -step],
          ArrowDown: [0, step],
          ArrowLeft: [-step, 0],
          ArrowRight: [step, 0],
        };
        const move = moves[event.key];
        if (!move || !marker) return;
        event.preventDefault();
        event.stopPropagation();
        const from = map.project(marker.getLngLat());
        const to = map.unproject([from.x + move[0], from.y + move[1]]);
        settle([to.lng, to.lat], "keys");
        map.panTo(to, { animate: false });
      });
    }
    settle(to, how);
  };
  const settle = (to: [number, number], how: string) => {
    marker?.setLngLat(to);
    keep(root, to, how);
  };

  // given by the page, or found by the phone before the map stood
  if (root.dataset.lng && root.dataset.lat) place([Number(root.dataset.lng), Number(root.dataset.lat)], "given");
  map.on("click", (event) => place([event.lngLat.lng, event.lngLat.lat], "tap"));
  root.querySelector("[data-map-middle]")?.addEventListener("click", () => {
    const centre = map.getCenter();
    place([centre.lng, centre.lat], "middle");
    marker?.getElement().focus();
  });
  root.addEventListener("linli:place", (event) => {
    const { lng, lat, how } = (event as CustomEvent<{ lng: number; lat: number; how: string }>).detail;
    if (how !== "position") return;
    map.jumpTo({ center: [lng, lat], zoom: 17 });
    if (marker) marker.setLngLat([lng, lat]);
    else place([lng, lat], "given");
  });
}

function show(root: HTMLElement, map: BaseMap, say: (text: string) => void): void {
  map.on("click", "cluster", (event) => {
    const cluster = event.features?.[0];
    const source = map.getSource<GeoJSONSource>("cases");
    if (!cluster || !source || cluster.geometry.type !== "Point") return;
    const centre = cluster.geometry.coordinates as [number, number];
    void source
      .getClusterExpansionZoom(Number(cluster.properties?.cluster_id))
      .then((zoom) => map.easeTo({ center: centre, zoom }));
  });
  map.on("click", "cases", (event) => {
    const properties = event.features?.[0]?.properties;
    if (!properties) return;
    say(String(properties.title ?? ""));
    root.dispatchEvent(new CustomEvent("linli:case", { bubbles: true, detail: properties }));
    const link = document.querySelector<HTMLElement>(`[data-case-id="${CSS.escape(String(properties.id))}"]`);
    link?.scrollIntoView({ block: "nearest" });
    link?.focus();
    if (!link && properties.href) location.assign(String(properties.href));
  });
  for (const layer of ["cluster", "cases"]) {
    map.on("mouseenter", layer, () => map.getCanvas().classList.add("is-hot"));
    map.on("mouseleave", layer, () => map.getCanvas().classList.remove("is-hot"));
  }
  // the list beside the map points at its cases
  document.addEventListener("focusin", (event) => {
    const row = (event.target as Element).closest<HTMLElement>("[data-case-id][data-lng]");
    if (row) map.easeTo({ center: [Number(row.dataset.lng), Number(row.dataset.lat)], duration: 150 });
  });
}
