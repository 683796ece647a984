/*
 * A page left open would show yesterday's clock: ask the server for the page's clocks again when a due time passes, by
 * firing `linli:due` on the clock (hx-trigger="linli:due" where a door wants it) and marking it late meanwhile.
 */
export function startClocks(root: Document = document): void {
  window.setInterval(() => {
    const now = Date.now();
    for (const clock of root.querySelectorAll<HTMLElement>("[data-due-at]:not([data-due-fired])")) {
      if (Date.parse(clock.dataset.dueAt ?? "") > now) continue;
      clock.dataset.dueFired = "";
      clock.dispatchEvent(new CustomEvent("linli:due", { bubbles: true }));
    }
  }, 15_000);
}
