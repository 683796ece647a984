/*
 * A short way through some points: nearest neighbour, then 2-opt, on an open path from a start (docs/algorithms/walk.md). Worked
 * out on the phone, so that where it is stays there.
 */
export type Point = [lng: number, lat: number];

const METRES = 111_320;

/** Metres as the crow flies; flat, which is right to a thousandth within a city. */
export function metres(a: Point, b: Point): number {
  const x = (a[0] - b[0]) * Math.cos(((a[1] + b[1]) * Math.PI) / 360);
  return Math.hypot(x, a[1] - b[1]) * METRES;
}

/** The length of the path from `start` through the points in that order, in metres. */
export function length(start: Point, points: Point[], order: number[]): number {
  let at = start;
  let sum = 0;
  for (const index of order) {
    const to = points[index]!;
    sum += metres(at, to);
    at = to;
  }
  return sum;
}

/** The order of the points; of two that are equally near the one that came first in the list. */
export function walk(start: Point, points: Point[]): number[] {
  const left = new Set(points.keys());
  const order: number[] = [];
  let at = start;
  while (left.size) {
    let best = -1;
    for (const index of left) {
      if (best < 0 || metres(at, points[index]!) < metres(at, points[best]!) - 1e-6) best = index;
    }
    left.delete(best);
    order.push(best);
    at = points[best]!;
  }
  return untangled(start, points, order);
}

/** Turns a stretch round as long as that makes the way shorter; the end is free. */
function untangled(start: Point, points: Point[], order: number[]): number[] {
  const way = [...order];
  const place = (position: number) => (position < 0 ? start : points[way[position]!]!);
  for (let better = true; better; ) {
    better = false;
    for (let i = 0; i < way.length - 1; i += 1) {
      for (let j = i + 1; j < way.length; j += 1) {
        const before = metres(place(i - 1), place(i)) + (j + 1 < way.length ? metres(place(j), place(j + 1)) : 0);
        const turned = metres(place(i - 1), place(j)) + (j + 1 < way.length ? metres(place(i), place(j + 1)) : 0);
        if (turned < before - 1e-6) {
          way.splice(i, j - i + 1, ...way.slice(i, j + 1).reverse());
          better = true;
        }
      }
    }
  }
  return way;
}
