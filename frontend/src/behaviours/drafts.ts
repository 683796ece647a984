/*
 * Drafts save themselves: <form data-draft="report"> keeps what was typed on this device for a week and gives it back
 * when the tab died. Passwords, files and anything marked data-no-draft are never kept. A sent form forgets its draft:
 * the server marks the next page with <meta name="linli-sent" content="report">.
 */
const WEEK = 7 * 24 * 3600 * 1000;
const PREFIX = "linli-draft:";

type Saved = { at: number; values: Record<string, string[]> };

const kept = (field: Element): field is HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement =>
  field.matches("input[name], textarea[name], select[name]") &&
  !field.matches("[type=password], [type=file], [type=hidden], [type=submit], [data-no-draft], [autocomplete=one-time-code]");

export function save(form: HTMLFormElement, store: Storage = localStorage, now = Date.now()): void {
  const values: Record<string, string[]> = {};
  for (const field of form.elements) {
    if (!kept(field)) continue;
    const box = field as HTMLInputElement;
    if (["checkbox", "radio"].includes(box.type) && !box.checked) continue;
    if (field.value) (values[field.name] ??= []).push(field.value);
  }
  try {
    store.setItem(PREFIX + form.dataset.draft, JSON.stringify({ at: now, values } satisfies Saved));
  } catch {
    // a full or forbidden store: the form works without drafts
  }
}

/** Fills only empty fields: what the server sent wins. Returns whether anything was brought back. */
export function restore(form: HTMLFormElement, store: Storage = localStorage, now = Date.now()): boolean {
  const text = store.getItem(PREFIX + form.dataset.draft);
  if (!text) return false;
  const saved = JSON.parse(text) as Saved;
  if (now - saved.at > WEEK) {
    store.removeItem(PREFIX + form.dataset.draft);
    return false;
  }
  let any = false;
  for (const field of form.elements) {
    if (!kept(field)) continue;
    const values = saved.values[field.name];
    if (!values) continue;
    const box = field as HTMLInputElement;
    if (["checkbox", "radio"].includes(box.type)) {
      if (values.includes(box.value) && !form.querySelector(`[name="${box.name}"]:checked`)) any = box.checked = true;
    } else if (!field.value) {
      field.value = values[0] ?? "";
      any = true;
    }
  }
  return any;
}

export function startDrafts(root: Document = document): void {
  try {
    const sent = root.querySelector<HTMLMetaElement>('meta[name="linli-sent"]')?.content;
    if (sent) localStorage.removeItem(PREFIX + sent);
    for (const form of root.querySelectorAll<HTMLFormElement>("form[data-draft]")) {
      if (restore(form)) form.querySelector<HTMLElement>("[data-draft-back]")?.removeAttribute("hidden");
    }
  } catch {
    return;
  }
  let timer = 0;
  root.addEventListener("input", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-draft]");
    if (!form) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => save(form), 400);
  });
}
