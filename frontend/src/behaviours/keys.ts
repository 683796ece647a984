/*
 * The desk by keyboard: j/k walk the rows of [data-keys], Enter opens, x ticks, / goes to the search, ? shows the list of
 * keys, and data-key="e" on a button or link presses it. Nothing happens while somebody types.
 */
export function typing(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
}

export function startKeys(root: Document = document): void {
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (root.querySelector("dialog[open]") && event.key !== "?") return;
    const rows = [...root.querySelectorAll<HTMLElement>("[data-keys] .row-link, [data-keys] [data-row]")];
    const at = rows.findIndex((row) => row === root.activeElement || row.contains(root.activeElement));
    const here = at >= 0 ? at : rows.findIndex((row) => row.matches("[aria-current=true]"));
    if (event.key === "j" || event.key === "k") {
      const next = rows[Math.min(rows.length - 1, Math.max(0, here + (event.key === "j" ? 1 : -1)))];
      next?.focus();
      next?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "x") {
      rows[here]?.closest(".row")?.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
    } else if (event.key === "/") {
      root.querySelector<HTMLInputElement>("[data-search]")?.focus();
    } else if (event.key === "?") {
      const help = root.getElementById("keys-help");
      if (help instanceof HTMLDialogElement && !help.open) help.showModal();
    } else {
      const button = /^[a-z]$/.test(event.key) ? root.querySelector<HTMLElement>(`[data-key="${event.key}"]`) : null;
      if (!button) return;
      button.click();
    }
    event.preventDefault();
  });
}
