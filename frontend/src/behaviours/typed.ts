/*
 * An answer never takes back what somebody typed or chose while it was on its way: a part marked `data-keeps-typed` is left as it
 * stands when its controls were used after the question was sent. An answer to another question (out of band) may not replace it
 * while something is typed in it.
 */
const TEXTS = "input:not([type=hidden]):not([type=radio]):not([type=checkbox]), textarea";

export function startTyped(root: Document = document, now = () => performance.now()): void {
  const used = new WeakMap<Element, number>();
  const sent = new WeakMap<object, number>();
  const boxOf = (event: Event) => (event.target as Element).closest?.("[data-keeps-typed]") ?? null;
  for (const name of ["input", "change"]) {
    root.addEventListener(name, (event) => {
      const box = boxOf(event);
      if (box) used.set(box, now());
    });
  }
  root.addEventListener("htmx:beforeSend", (event) => {
    const { xhr } = (event as CustomEvent<{ xhr: object }>).detail;
    sent.set(xhr, now());
  });
  root.addEventListener("htmx:beforeSwap", (event) => {
    const box = boxOf(event);
    const { detail } = event as CustomEvent<{ xhr: object; shouldSwap: boolean }>;
    const since = box && used.get(box);
    if (since && since > (sent.get(detail.xhr) ?? 0)) detail.shouldSwap = false;
  });
  root.addEventListener("htmx:oobBeforeSwap", (event) => {
    const box = boxOf(event);
    if (!box) return;
    const { detail } = event as CustomEvent<{ shouldSwap: boolean }>;
    const typed = [...box.querySelectorAll<HTMLInputElement>(TEXTS)].some((one) => one.value.trim() || one === root.activeElement);
    if (typed) detail.shouldSwap = false;
  });
}
