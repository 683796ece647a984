/*
 * The page "walking order": the rows of the list in the order of a short way, numbered as on the map beside it. From the middle of
 * the cases, or, when the person asks for it, from where the phone is; that stays on the phone.
 */
import { word } from "../behaviours/words";
import { length, walk, type Point } from "./walk";

export function startWalk(root: Document = document): void {
  const list = root.querySelector<HTMLElement>("[data-walk]");
  if (!list) return;
  const rows = [...list.querySelectorAll<HTMLElement>(":scope > li")];
  const placed = rows.filter((row) => pointOf(row));
  const order = (start: Point) => {
    const points = placed.map((row) => pointOf(row)!);
    const way = walk(start, points);
    for (const [at, index] of way.entries()) {
      const row = placed[index]!;
      number(row, at + 1);
      list.append(row);
    }
    for (const row of rows) if (!placed.includes(row)) list.append(row);
    const said = root.querySelector<HTMLElement>("[data-walk-said]");
    if (said) said.textContent = word("walk-length", { n: placed.length, m: Math.round(length(start, points, way) / 10) * 10 });
    list.dispatchEvent(new CustomEvent("linli:walk", { bubbles: true }));
  };
  const points = placed.map((row) => pointOf(row)!);
  if (!points.length) return;
  const middle: Point = [mean(points.map(([lng]) => lng)), mean(points.map(([, lat]) => lat))];
  order(middle);
  root.querySelector("[data-walk-here]")?.addEventListener("click", () => {
    const said = root.querySelector<HTMLElement>("[data-walk-said]");
    if (said) said.textContent = word("map-looking");
    navigator.geolocation?.getCurrentPosition(
      ({ coords }) => order([coords.longitude, coords.latitude]),
      () => {
        if (said) said.textContent = word("walk-no-position");
      },
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 30_000 },
    );
  });
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function pointOf(row: HTMLElement): Point | null {
  const link = row.querySelector<HTMLElement>("[data-lng]");
  return link ? [Number(link.dataset.lng), Number(link.dataset.lat)] : null;
}

function number(row: HTMLElement, at: number): void {
  let badge = row.querySelector<HTMLElement>(".walk-number");
  if (!badge) {
    badge = document.createElement("span");
    badge.className = "walk-number num";
    row.prepend(badge);
  }
  badge.textContent = String(at);
  row.dataset.walkAt = String(at);
}
