/* <dialog> opened by data-opens="id", closed by data-closes, by Escape and by a click beside it. */
export function startDialogs(root: Document = document): void {
  root.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-opens]");
    if (opener) {
      const dialog = root.getElementById(opener.dataset.opens ?? "");
      if (dialog instanceof HTMLDialogElement && !dialog.open) {
        event.preventDefault();
        dialog.showModal();
        dialog.querySelector<HTMLElement>("[autofocus], input:not([type=hidden]), textarea, select")?.focus();
      }
      return;
    }
    if (target.closest("[data-closes]")) target.closest("dialog")?.close();
    else if (target instanceof HTMLDialogElement) target.close();
  });
}
