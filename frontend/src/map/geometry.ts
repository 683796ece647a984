/* Small geometry: boxes, the middle of an outline, and how a place is said in numbers. */
import type { Feature, FeatureCollection, Position } from "geojson";

export type Box = [number, number, number, number];

export function positions(feature: Feature): Position[] {
  const shape = feature.geometry;
  if (!shape) return [];
  switch (shape.type) {
    case "Point":
      return [shape.coordinates];
    case "Polygon":
      return shape.coordinates.flat();
    case "MultiPolygon":
      return shape.coordinates.flat(2);
    case "LineString":
      return shape.coordinates;
    default:
      return [];
  }
}

/** West, south, east, north; null when nothing is there. */
export function box(features: Feature[]): Box | null {
  let found: Box | null = null;
  for (const feature of features) {
    for (const [x, y] of positions(feature) as [number, number][]) {
      if (!found) found = [x, y, x, y];
      else {
        found[0] = Math.min(found[0], x);
        found[1] = Math.min(found[1], y);
        found[2] = Math.max(found[2], x);
        found[3] = Math.max(found[3], y);
      }
    }
  }
  return found;
}

/** The area-weighted middle of the largest ring: where a name is written. */
export function middle(feature: Feature): Position | null {
  const shape = feature.geometry;
  if (!shape) return null;
  const rings =
    shape.type === "Polygon"
      ? [shape.coordinates[0]]
      : shape.type === "MultiPolygon"
        ? shape.coordinates.map((polygon) => polygon[0])
        : [];
  let best: Position | null = null;
  let most = 0;
  for (const ring of rings) {
    if (!ring) continue;
    let area = 0;
    let x = 0;
    let y = 0;
    for (let i = 0; i + 1 < ring.length; i += 1) {
      const [x1 = 0, y1 = 0] = ring[i] ?? [];
      const [x2 = 0, y2 = 0] = ring[i + 1] ?? [];
      const cross = x1 * y2 - x2 * y1;
      area += cross;
      x += (x1 + x2) * cross;
      y += (y1 + y2) * cross;
    }
    if (Math.abs(area) > most) {
      most = Math.abs(area);
      best = [x / (3 * area), y / (3 * area)];
    }
  }
  return best;
}

export function labels(outlines: FeatureCollection): FeatureCollection {
  const features: Feature[] = [];
  for (const feature of outlines.features) {
    const at = middle(feature);
    if (at && feature.properties?.name) {
      features.push({ type: "Feature", properties: feature.properties, geometry: { type: "Point", coordinates: at } });
    }
  }
  return { type: "FeatureCollection", features };
}

/** Six decimals are 0.1 m: more would pretend. */
export function rounded(value: number): string {
  return value.toFixed(6);
}
