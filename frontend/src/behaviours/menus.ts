/* Menus are <details>: they open without a script. The script closes them and moves through them with the arrow keys. */
const OPEN = "details.menu[open]";

export function startMenus(root: Document = document): void {
  root.addEventListener("click", (event) => {
    const target = event.target as Element;
    for (const menu of root.querySelectorAll<HTMLDetailsElement>(OPEN)) {
      const chosen = target.closest(".menu-item");
      if (!menu.contains(target) || (chosen && menu.contains(chosen) && !chosen.matches("[aria-pressed]"))) {
        menu.open = false;
      }
    }
  });
  root.addEventListener("keydown", (event) => {
    const menu = (event.target as Element).closest?.<HTMLDetailsElement>(OPEN);
    if (!menu) return;
    const items = [...menu.querySelectorAll<HTMLElement>(".menu-item:not([disabled])")];
    const at = items.indexOf(root.activeElement as HTMLElement);
    const go = (to: number) => {
      event.preventDefault();
      items[(to + items.length) % items.length]?.focus();
    };
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector<HTMLElement>("summary")?.focus();
    } else if (!items.length) return;
    else if (event.key === "ArrowDown") go(at + 1);
    else if (event.key === "ArrowUp") go(at < 0 ? -1 : at - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(-1);
  });
}
