/*
 * The verification list: a tap on "as it was" marks its row and goes on with the next door, with or without a signal; a list from
 * the phone shows what waits in the outbox as done.
 */
import type { Item } from "./items";
import type { Outbox } from "./outbox";

/** Marks a door as done: its button makes place for the word, the counter moves, the next door's button takes the focus. */
export function markDone(form: HTMLFormElement, root: Document = document): void {
  const door = form.closest<HTMLElement>("[data-door]");
  if (!door || door.hasAttribute("data-done")) return;
  const held = form.contains(root.activeElement);
  door.setAttribute("data-done", "");
  const word = door.querySelector("template")?.content.cloneNode(true);
  if (word) form.replaceWith(word);
  else form.remove();
  const bar = root.querySelector<HTMLProgressElement>("[data-doors-progress] progress");
  if (bar) {
    bar.value += 1;
    const figure = root.querySelector<HTMLElement>("[data-doors-progress] .num");
    if (figure) figure.textContent = `${bar.value} / ${bar.max}`;
  }
  if (!held) return;
  const rest = [...root.querySelectorAll<HTMLElement>("[data-door]:not([data-done]) button")];
  const next = rest.find((one) => door.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) ?? rest[0];
  next?.focus();
}

/** Where an item posts that this copy of the page cannot know of: it waits, or it arrived after the page was made. */
export function later(items: Item[], made: number): Set<string> {
  const unknown = items.filter((item) => item.state === "waiting" || (item.state === "done" && (item.answer?.at ?? 0) >= made));
  return new Set(unknown.map((item) => item.action));
}

/** What was tapped before on this phone and is not on this copy of the page yet. */
export async function startDoors(outbox: Outbox, root: Document = document): Promise<void> {
  if (!root.querySelector("[data-doors]")) return;
  root.addEventListener("linli:sent", (event) => markDone(event.target as HTMLFormElement, root));
  const kept = root.documentElement.dataset.keptAt;
  const unknown = later(await outbox.items(), kept ? Date.parse(kept) : performance.timeOrigin);
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-outbox-stay]")) {
    if (unknown.has(new URL(form.action, location.href).pathname)) markDone(form, root);
  }
}
