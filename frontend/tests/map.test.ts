import type { Feature, FeatureCollection } from "geojson";
import { expect, test } from "vitest";

import { box, labels, middle, rounded } from "../src/map/geometry";
import { ground, LEVELS, palette } from "../src/map/ground";
import { FORMS, outline } from "../src/map/shapes";

const square = (x: number, y: number, side: number, properties = {}): Feature => ({
  type: "Feature",
  properties,
  geometry: {
    type: "Polygon",
    coordinates: [[[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]],
  },
});

test("a box holds all its features, and nothing has no box", () => {
  expect(box([square(0, 0, 1), square(4, 5, 2)])).toEqual([0, 0, 6, 7]);
  expect(box([])).toBeNull();
});

test("a name stands in the middle of the largest part", () => {
  const two: Feature = {
    type: "Feature",
    properties: {},
    geometry: {
      type: "MultiPolygon",
      coordinates: [
        (square(0, 0, 1).geometry as GeoJSON.Polygon).coordinates,
        (square(10, 10, 4).geometry as GeoJSON.Polygon).coordinates,
      ],
    },
  };
  expect(middle(two)).toEqual([12, 12]);
});

test("only outlines with a name get one", () => {
  const all: FeatureCollection = {
    type: "FeatureCollection",
    features: [square(0, 0, 2, { name: "郭家桥", level: "community" }), square(3, 3, 2)],
  };
  expect(labels(all).features.map((feature) => feature.properties?.name)).toEqual(["郭家桥"]);
});

test("a place is said to a tenth of a metre", () => {
  expect(rounded(104.0665432198)).toBe("104.066543");
});

test("every form on the map differs by its outline, not by colour alone", () => {
  const pointed = FORMS.map((form) => outline(form)?.length ?? form);
  expect(outline("late")).toHaveLength(3);
  expect(JSON.stringify(outline("soon"))).not.toBe(JSON.stringify(outline("done")));
  expect(new Set(pointed).size).toBeGreaterThanOrEqual(4);
});

test("the ground draws every level and asks no other host for anything", () => {
  const style = ground(palette());
  const ids = style.layers.map((layer) => layer.id);
  for (const { level } of LEVELS) expect(ids).toContain(`line-${level}`);
  expect(style.glyphs).toBeUndefined();
  expect(style.sprite).toBeUndefined();
  expect(JSON.stringify(style)).not.toMatch(/https?:/);
});
