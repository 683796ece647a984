/* Forms: no double sending, errors that take the focus, counters, filters that send themselves, numbers that copy. */
import { word } from "./words";

export function startForms(root: Document = document): void {
  root.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || form.matches?.("[data-preferences]")) return;
    if (form.dataset.sending) {
      event.preventDefault();
      return;
    }
    if (form.hasAttribute("hx-post") || form.method === "dialog" || form.method === "get") return;
    form.dataset.sending = "1";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  // the page may come back from the browser's cache with its button still busy
  window.addEventListener("pageshow", () => {
    for (const form of root.querySelectorAll<HTMLFormElement>("form[data-sending]")) {
      delete form.dataset.sending;
      form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
    }
  });

  const focusErrors = (within: ParentNode) => within.querySelector<HTMLElement>(".error-summary")?.focus();
  focusErrors(root);
  root.body.addEventListener("htmx:load", (event) => focusErrors(event.target as HTMLElement));

  root.addEventListener("change", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-autosubmit]");
    form?.requestSubmit();
  });
  root.addEventListener("input", (event) => {
    const area = event.target as HTMLTextAreaElement;
    const counter = area.dataset?.counter ? root.getElementById(area.dataset.counter) : null;
    if (counter) counter.textContent = `${[...area.value].length} / ${area.maxLength}`;
  });
  root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    if (!button) return;
    void navigator.clipboard?.writeText(button.dataset.copy ?? "").then(() => {
      root.body.dispatchEvent(new CustomEvent("toast", { detail: { text: word("copied") } }));
    });
  });
  root.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-print]")) window.print();
  });
}
