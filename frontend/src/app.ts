/*
 * What every page loads: htmx, Alpine (the build that needs no eval) and the small behaviours.
 * The map and the live stream are islands of their own, fetched only by a page that shows one.
 */
import Alpine from "@alpinejs/csp";
import htmx from "htmx.org";

import "./styles/app.css";
import { startAloud } from "./behaviours/aloud";
import { startChanges } from "./behaviours/change";
import { startClocks } from "./behaviours/clocks";
import { startDesk } from "./behaviours/desk";
import { startDialogs } from "./behaviours/dialogs";
import { startDrafts } from "./behaviours/drafts";
import { startForms } from "./behaviours/forms";
import { startHere } from "./behaviours/here";
import { startKeys } from "./behaviours/keys";
import { startMenus } from "./behaviours/menus";
import { startPhotos } from "./behaviours/photos";
import { startPreferences } from "./behaviours/preferences";
import { startSnap } from "./behaviours/snap";
import { startTabs } from "./behaviours/tabs";
import { startToasts } from "./behaviours/toasts";
import { startTyped } from "./behaviours/typed";

declare global {
  interface Window {
    htmx: typeof htmx;
    Alpine: typeof Alpine;
  }
}

document.documentElement.classList.add("js");

// htmx writes a <style> element and evaluates strings unless told not to: both are against our policy.
Object.assign(htmx.config, {
  includeIndicatorStyles: false,
  allowEval: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  scrollBehavior: "instant",
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    // forms come back with 422 and their errors, stale commands with 409 and the current state
    { code: "(409|422)", swap: true, error: false },
    { code: "[45]..", swap: false, error: true },
  ],
});
window.htmx = htmx;
window.Alpine = Alpine;

startPreferences();
startToasts(htmx);
startMenus();
startDialogs();
startTabs();
startForms();
startTyped();
startChanges();
startPhotos();
startSnap();
startDrafts();
startDesk(htmx);
startKeys();
startHere();
startClocks();
startAloud();
Alpine.start();

/**
 * Fetch an island when its first mark comes near the window, not before; one to pick a place when half of it is seen: "where I am"
 * does without it, and on a phone's line it is more than all the rest of the page.
 */
function wakeMaps(root: ParentNode): void {
  const marks = [...root.querySelectorAll<HTMLElement>("[data-map]:not([data-map-seen])")];
  if (!marks.length) return;
  const load = (mark: HTMLElement) =>
    import("./map").then(
      ({ mountMap }) => mountMap(mark),
      () => mark.dispatchEvent(new CustomEvent("linli:map-failed", { bubbles: true })),
    );
  const seen: IntersectionObserverCallback = (entries, watch) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      watch.unobserve(entry.target);
      void load(entry.target as HTMLElement);
    }
  };
  const near = new IntersectionObserver(seen, { rootMargin: "200px" });
  const half = new IntersectionObserver(seen, { threshold: 0.5 });
  for (const mark of marks) {
    mark.dataset.mapSeen = "";
    (mark.dataset.map === "pick" ? half : near).observe(mark);
  }
}

wakeMaps(document);
document.body.addEventListener("htmx:load", (event) => wakeMaps(event.target as HTMLElement));

const live = document.querySelector<HTMLMetaElement>('meta[name="linli-live"]')?.content;
if (live) void import("./live").then(({ startLive }) => startLive(live, htmx));
