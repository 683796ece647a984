/*
 * What has changed at a dwelling: only the fields of the chosen change are shown. Without a script all of them are.
 */
export function showChange(box: HTMLElement): void {
  const chosen = box.querySelector<HTMLInputElement>('input[name="change"]:checked')?.value ?? "";
  for (const part of box.querySelectorAll<HTMLElement>("[data-for]")) {
    const wanted = (part.dataset.for ?? "").split(" ").includes(chosen);
    part.hidden = !wanted;
    for (const control of part.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select")) control.disabled = !wanted;
  }
}

export function startChanges(root: Document = document): void {
  for (const box of root.querySelectorAll<HTMLElement>("[data-change]")) {
    box.addEventListener("change", () => showChange(box));
    showChange(box);
  }
}
