/*
 * The field app's service worker. What is the same for everybody (scripts, styles, the page without a signal) is precached by
 * workbox; pages of the app come from the network first and, without one, sealed from the vault; on Background Sync it sends.
 * Built into one file; the server writes LINLI, the list of what to precache, before it.
 */
/// <reference lib="webworker" />
import { cleanupOutdatedCaches, matchPrecache, precacheAndRoute, type PrecacheEntry } from "workbox-precaching";
import { registerRoute, setDefaultHandler } from "workbox-routing";

import { line, Outbox } from "../outbox/outbox";
import { isPart, keepable, keepPage, keptPage } from "../outbox/pages";
import { Vault } from "../outbox/vault";

declare const self: ServiceWorkerGlobalScope & { LINLI: { precache: PrecacheEntry[]; offline: string } };

const PATIENCE_MS = 5_000;
const PHOTO = /^\/field\/case\/[^/]+\/photos\/[0-9a-f-]{36}\//;
const PASSED = new Set(["/field/sync", "/field/sw.js", "/field/manifest.webmanifest", "/field/report/categories"]);

const { precache, offline } = self.LINLI;

cleanupOutdatedCaches();
precacheAndRoute(precache, { ignoreURLParametersMatching: [/.*/] });
self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

let opened: Promise<Vault> | null = null;
const vault = () => (opened ??= Vault.open());

async function keep(url: string, response: Response): Promise<void> {
  if (!keepable(response)) return;
  const box = await vault();
  if (await box.owner()) await keepPage(box, url, response);
}

async function answer(event: FetchEvent): Promise<Response> {
  const { request } = event;
  const photo = PHOTO.test(new URL(request.url).pathname);
  const part = isPart(request);
  const box = await vault();
  if (photo) {
    const there = await keptPage(box, request.url); // a photo never changes
    if (there) return there;
  }
  const asked = fetch(request).then((response) => {
    const copy = response.clone();
    if (!part && !request.headers.has("X-Linli-Sync")) event.waitUntil(keep(request.url, copy).catch(() => undefined));
    return response;
  });
  const page = request.mode === "navigate";
  try {
    if (!page) return await asked;
    const slow = new Promise<null>((done) => setTimeout(() => done(null), PATIENCE_MS));
    const first = await Promise.race([asked, slow]);
    if (first && first.status < 502) return first;
    return (await keptPage(box, request.url)) ?? (await asked);
  } catch (error) {
    // htmx leaves the page as it is
    if (part) return new Response(null, { status: 204 });
    const kept = await keptPage(box, request.url);
    if (kept) return kept;
    if (page) return (await matchPrecache(offline)) ?? Response.error();
    throw error;
  }
}

registerRoute(
  ({ url, request, sameOrigin }) =>
    sameOrigin && request.method === "GET" && url.pathname.startsWith("/field/") && !PASSED.has(url.pathname) && url.pathname !== offline,
  ({ event }) => answer(event as FetchEvent),
);
registerRoute(
  ({ url }) => url.pathname === "/field/report/categories",
  async ({ request }) => fetch(request).catch(() => new Response(null, { status: 204 })),
);
setDefaultHandler(({ request }) => fetch(request));

self.addEventListener("sync", (event) => {
  const { tag } = event as ExtendableEvent & { tag: string };
  if (tag !== "linli-outbox") return;
  (event as ExtendableEvent).waitUntil(
    vault().then(async (box) => {
      if (!(await box.owner())) return;
      const outbox = new Outbox(box, line);
      await outbox.hurry();
      await outbox.run();
    }),
  );
});
