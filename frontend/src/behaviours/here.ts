/*
 * "Where I am", beside a map that picks a place: the position goes into the form whether or not the map is drawn yet. A phone on a
 * slow line has the button long before it has the map, and a tap must not be lost. The map, once it stands, puts its pin there.
 */
import { rounded } from "../map/geometry";
import { word } from "./words";

const PATIENCE_MS = 10_000;
const FRESH_MS = 30_000;

/** Keep a place in the form that a map stands in, and tell the page. `how` it was set: position, tap, keys, middle, given. */
export function keep(root: HTMLElement, [lng, lat]: [number, number], how: string): void {
  const input = (id: string | undefined) => document.getElementById(id ?? "") as HTMLInputElement | null;
  const first = input(root.dataset.lngInput);
  const second = input(root.dataset.latInput);
  if (first) first.value = rounded(lng);
  if (second) second.value = rounded(lat);
  say(root, word("map-placed"));
  first?.dispatchEvent(new Event("change", { bubbles: true }));
  root.dispatchEvent(new CustomEvent("linli:place", { bubbles: true, detail: { lng, lat, how } }));
}

/** What a map says below itself. */
export function say(root: HTMLElement, text: string): void {
  const said = root.querySelector<HTMLElement>("[data-map-said]");
  if (said) said.textContent = text;
}

function find(root: HTMLElement): void {
  if (!navigator.geolocation) return say(root, word("map-no-position"));
  say(root, word("map-looking"));
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      root.dataset.lng = rounded(coords.longitude);
      root.dataset.lat = rounded(coords.latitude);
      keep(root, [coords.longitude, coords.latitude], "position");
    },
    () => say(root, word("map-no-position")),
    { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: FRESH_MS },
  );
}

export function startHere(): void {
  document.addEventListener("click", (event) => {
    const root = (event.target as Element).closest?.("[data-map-here]")?.closest<HTMLElement>("[data-map]");
    if (root) find(root);
  });
}
