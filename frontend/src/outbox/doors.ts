/*
 * The verification list: a tap on "as it was" marks its row and goes on with the next door, with or without a signal; a list from
 * the phone shows what waits in the outbox as done.
 */
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

/** What was tapped before on this phone and is not on this copy of the page yet. */
export async function startDoors(outbox: Outbox, root: Document = document): Promise<void> {
  if (!root.querySelector("[data-doors]")) return;
  root.addEventListener("linli:sent", (event) => markDone(event.target as HTMLFormElement, root));
  const waiting = new Set((await outbox.items()).filter((item) => item.state === "waiting").map((item) => item.action));
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-outbox-stay]")) {
    if (waiting.has(new URL(form.action, location.href).pathname)) markDone(form, root);
  }
}
