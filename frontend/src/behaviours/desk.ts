/*
 * The desk's panes: a row opens its case beside the list, a verb opens in the dialog, g and a letter go to a view, o opens.
 * Everything here is a comfort: each row, view and verb is a link that works without it.
 */
import type htmxType from "htmx.org";
import { typing } from "./keys";

const GO_MS = 1_500;

/** Marks the row of the case that the address names; the list may have been fetched after the case. */
export function markCurrent(root: ParentNode, path: string): void {
  for (const row of root.querySelectorAll<HTMLAnchorElement>("#list .row-link")) {
    if (new URL(row.href).pathname === path) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

/** Leaves in a picker only what has all the typed words; groups without any go too. */
export function narrow(picker: ParentNode, text: string): number {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const choice of picker.querySelectorAll<HTMLElement>("[data-words]")) {
    const label = `${choice.dataset.words} ${choice.textContent?.toLowerCase() ?? ""}`;
    choice.hidden = !words.every((word) => label.includes(word));
    if (!choice.hidden) shown += 1;
  }
  for (const group of picker.querySelectorAll<HTMLElement>("[data-group]")) {
    group.hidden = !group.querySelector("[data-words]:not([hidden])");
  }
  const none = picker.querySelector<HTMLElement>("[data-none]");
  if (none) none.hidden = shown > 0;
  return shown;
}

/** Says how many rows are ticked; the bar itself shows by the style sheet. */
export function countTicks(root: ParentNode): number {
  const count = root.querySelectorAll("#list .row-tick:checked").length;
  for (const place of root.querySelectorAll("[data-ticked]")) place.textContent = String(count);
  return count;
}

/** Puts a shared reply into the text: after what is there already, never instead of it. */
export function fill(root: Document, template: HTMLElement): void {
  const area = root.getElementById(template.dataset.fill ?? "") as HTMLTextAreaElement | null;
  if (!area) return;
  area.value = [area.value.trimEnd(), template.dataset.text ?? ""].filter(Boolean).join("\n");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  template.closest("details")?.removeAttribute("open");
  area.focus();
}

export function startDesk(htmx: typeof htmxType, root: Document = document): void {
  const dialog = () => root.getElementById("verb-dialog") as HTMLDialogElement | null;
  let note: { number: string; text: string } | null = null;

  root.addEventListener("htmx:beforeSwap", (event) => {
    if ((event.target as Element).id !== "case") return;
    const text = root.querySelector<HTMLTextAreaElement>("#desk-note-text");
    const sent = (event as CustomEvent<{ requestConfig?: { verb?: string } }>).detail.requestConfig?.verb === "post";
    note = text?.value && !sent ? { number: text.dataset.number ?? "", text: text.value } : null;
  });
  root.addEventListener("htmx:afterSwap", (event) => {
    const target = event.target as Element;
    if (target.id === "verb-body") {
      const box = dialog();
      if (box && !box.open) box.showModal();
      if (!target.querySelector(".error-summary")) {
        target.querySelector<HTMLElement>("form input:not([type=hidden]), form textarea, form select, form button")?.focus();
      }
    } else if (target.id === "case") {
      const panes = root.querySelector<HTMLElement>(".panes");
      if (panes) panes.dataset.pane = "case";
      const text = root.querySelector<HTMLTextAreaElement>("#desk-note-text");
      if (note && text && text.dataset.number === note.number) text.value = note.text;
      markCurrent(root, location.pathname);
      // on a phone the list has gone: whoever listens to the page has to be told where they are
      if (!root.querySelector<HTMLElement>(".pane-list")?.offsetParent) {
        target.querySelector<HTMLElement>(".case-title")?.focus();
      }
    } else if (target.id === "list") markCurrent(root, location.pathname);
  });
  root.addEventListener("htmx:pushedIntoHistory", () => markCurrent(root, location.pathname));
  // what a form says at intervals (somebody writes here) ends with it
  dialog()?.addEventListener("close", () => root.getElementById("verb-body")?.replaceChildren());
  root.addEventListener("desk-done", () => {
    dialog()?.close();
    const list = root.getElementById("desk-list");
    if (list) htmx.trigger(list, "refresh");
  });

  root.addEventListener("input", (event) => {
    const input = event.target as HTMLInputElement;
    const picker = input.matches?.("[data-narrow]") ? input.closest("[data-picker]") : null;
    if (picker) narrow(picker, input.value);
  });
  root.addEventListener("keydown", (event) => {
    // Enter in a picker's search chooses the first that is left, it does not send the form
    const input = event.target as HTMLInputElement;
    if (event.key !== "Enter" || !input.matches?.("[data-narrow]")) return;
    event.preventDefault();
    input.closest("[data-picker]")?.querySelector<HTMLElement>("[data-words]:not([hidden]) input")?.click();
  });

  root.addEventListener("change", (event) => {
    if ((event.target as Element).matches?.(".row-tick")) countTicks(root);
  });
  root.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target.closest("[data-tick-all]")) {
      const boxes = [...root.querySelectorAll<HTMLInputElement>("#list .row-tick")];
      const all = boxes.every((box) => box.checked);
      for (const box of boxes) box.checked = !all;
      countTicks(root);
      target.closest("details")?.removeAttribute("open");
    }
    const template = target.closest<HTMLElement>("[data-fill]");
    if (template) fill(root, template);
  });

  // where the views are one line, the chosen one may lie beyond its end
  const showView = () => root.querySelector(".views [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  showView();
  root.addEventListener("htmx:oobAfterSwap", showView);

  let going = 0;
  root.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || root.querySelector("dialog[open]")) return;
      if (going) {
        window.clearTimeout(going);
        going = 0;
        const link = /^[a-z]$/.test(event.key) ? root.querySelector<HTMLElement>(`[data-go="${event.key}"]`) : null;
        event.stopImmediatePropagation();
        event.preventDefault();
        link?.click();
      } else if (event.key === "g" && root.querySelector("[data-go]")) {
        event.stopImmediatePropagation();
        event.preventDefault();
        going = window.setTimeout(() => (going = 0), GO_MS);
      } else if (event.key === "o") {
        const row = (root.activeElement as Element | null)?.closest<HTMLElement>("[data-keys] .row-link");
        if (!row) return;
        event.stopImmediatePropagation();
        event.preventDefault();
        row.click();
      }
    },
    true,
  );
}
