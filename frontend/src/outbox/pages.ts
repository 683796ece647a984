/*
 * Pages for a dead zone: fetched when the server names them (sync), given back by the service worker when the network does not.
 * They lie in the vault under a hash of their address.
 */
import type { Vault } from "./vault";

export interface Page {
  address: string;
  version: string;
  type: string;
  at: number;
}

export interface Sync {
  account: string;
  pages: [string, string][];
}

async function nameOf(address: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(address));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Path and query: `?ahead=1` is the same form, only kept earlier. */
export function addressOf(url: string): string {
  const { pathname, searchParams } = new URL(url, "http://linli.invalid");
  searchParams.delete("ahead");
  const query = searchParams.toString();
  return pathname + (query ? `?${query}` : "");
}

/** Whether a page's script asks for a part of it: at the address of the whole, which it must neither become nor be taken for. */
export function isPart({ headers }: { headers: Headers }): boolean {
  return headers.get("HX-Request") === "true" && headers.get("HX-History-Restore-Request") !== "true";
}

/** Whether the server lets the phone keep it; the browser's own cache keeps nothing of it (`no-store`). */
export function keepable(response: Response): boolean {
  const type = response.headers.get("Content-Type") ?? "";
  const told = response.headers.has("X-Linli-Keep") || type.startsWith("application/geo+json");
  return response.status === 200 && !response.redirected && told;
}

export async function keepPage(vault: Vault, url: string, response: Response, version = "", now = Date.now()): Promise<void> {
  const address = addressOf(url);
  const type = response.headers.get("Content-Type") ?? "";
  const page: Page = { address, version, type, at: now };
  await vault.put("pages", await nameOf(address), page, await response.arrayBuffer());
}

/** A kept page as a response; a whole page says on its `<html>` since when it stands. */
export async function keptPage(vault: Vault, url: string): Promise<Response | null> {
  const kept = await vault.get<Page>("pages", await nameOf(addressOf(url)));
  if (!kept?.body) return null;
  const { type, at } = kept.head;
  let body: BodyInit = kept.body;
  if (type.startsWith("text/html")) {
    const since = new Date(at).toISOString();
    body = new TextDecoder().decode(kept.body).replace(/<html\b/, `<html data-kept-at="${since}"`);
  }
  return new Response(body, { headers: { "Content-Type": type, "X-Linli-Kept": new Date(at).toISOString() } });
}

/** How many pages were fetched, and whether all that the server named now lie on the phone. */
export interface Synced {
  fetched: number;
  whole: boolean;
}

/** Fetches what has changed, forgets what the server names no more. */
export async function syncPages(vault: Vault, told: Sync, get: (address: string) => Promise<Response>, now = Date.now()): Promise<Synced> {
  const there = new Map((await vault.heads<Page>("pages")).map((page) => [page.address, page]));
  const wanted = new Set(told.pages.map(([address]) => addressOf(address)));
  for (const address of there.keys()) {
    // photos go with the page that they stand on; outlines are nobody's secret and stay
    const stays = address.startsWith("/field/ground/") || [...wanted].some((one) => address.startsWith(`${one}/photos/`));
    if (!wanted.has(address) && !stays) await vault.delete("pages", await nameOf(address));
  }
  let fetched = 0;
  let whole = true;
  for (const [address, version] of told.pages) {
    if (there.get(addressOf(address))?.version === version) continue;
    const answer = await get(address).catch(() => null);
    if (!answer) return { fetched, whole: false }; // the signal has gone again
    if (keepable(answer)) {
      await keepPage(vault, address, answer, version, now);
      fetched += 1;
    } else whole = false;
  }
  return { fetched, whole };
}
