/* Tabs inside one page (role=tablist). Tabs that are pages are plain links and need nothing from here. */
export function choose(tab: HTMLElement): void {
  const list = tab.closest("[role=tablist]");
  if (!list) return;
  for (const other of list.querySelectorAll<HTMLElement>("[role=tab]")) {
    const on = other === tab;
    other.setAttribute("aria-selected", String(on));
    other.tabIndex = on ? 0 : -1;
    const panel = document.getElementById(other.getAttribute("aria-controls") ?? "");
    if (panel) panel.hidden = !on;
  }
}

export function startTabs(root: Document = document): void {
  root.addEventListener("click", (event) => {
    const tab = (event.target as Element).closest<HTMLElement>("[role=tab]");
    if (tab) choose(tab);
  });
  root.addEventListener("keydown", (event) => {
    const tab = (event.target as Element).closest?.<HTMLElement>("[role=tab]");
    if (!tab || !["ArrowRight", "ArrowLeft"].includes(event.key)) return;
    const tabs = [...(tab.closest("[role=tablist]")?.querySelectorAll<HTMLElement>("[role=tab]") ?? [])];
    const next = tabs[(tabs.indexOf(tab) + (event.key === "ArrowRight" ? 1 : -1) + tabs.length) % tabs.length];
    if (!next) return;
    event.preventDefault();
    choose(next);
    next.focus();
  });
}
