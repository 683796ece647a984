/*
 * Theme and text size: the server writes them on <html> from cookies, so nothing flashes. With a script a theme is shown
 * at once and the same form is posted behind it; without one the form simply posts and comes back. So does the text size on
 * the residents' pages, where large text is a version of its own.
 */
export function applyPreference(name: string, value: string, root: HTMLElement = document.documentElement): boolean {
  if (name === "theme" && ["auto", "light", "dark"].includes(value)) root.dataset.theme = value;
  else if (name === "text" && ["normal", "large"].includes(value)) root.dataset.text = value;
  else return false;
  return true;
}

export function startPreferences(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches?.("form[data-preferences]")) return;
    const button = event.submitter as HTMLButtonElement | null;
    if (button?.name === "text" && document.documentElement.dataset.density === "phone") return;
    if (!button || !applyPreference(button.name, button.value)) return; // the language needs a new page
    event.preventDefault();
    for (const other of form.querySelectorAll<HTMLButtonElement>(`button[name="${button.name}"]`)) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    const data = new FormData(form);
    data.set(button.name, button.value);
    void fetch(form.action, { method: "POST", body: data, headers: { "X-Requested-With": "fetch" } });
    document.dispatchEvent(new CustomEvent("linli:theme"));
  });
}
