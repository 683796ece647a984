/*
 * Forms that stand on the outbox:
 *   <form data-outbox="what people read of it" data-outbox-subject="number of the case">
 * Begun, a form gets its id and becomes a draft; sent, it becomes an item that waits until it has arrived. Opened with
 * #item=<id> it is the item itself, to go on with or to mend. Without a script the same form posts itself.
 */
import { word } from "../behaviours/words";
import { field, newId, type Item, type Photo, type Problem } from "./items";
import type { Outbox } from "./outbox";

const HIDDEN = new Set(["csrfmiddlewaretoken", "key", "kept"]);
const SAVE_MS = 400;
const PATIENCE_MS = 6_000;

export interface Around {
  go: (address: string) => void;
  say: (text: string) => void;
}

export function fieldsOf(form: HTMLFormElement): [string, string][] {
  const found: [string, string][] = [];
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && !HIDDEN.has(name)) found.push([name, value]);
  }
  return found;
}

/** Puts values back; the form's own version wins over a refused one's, for it is the newer. */
export function fill(form: HTMLFormElement, item: Item): void {
  for (const control of form.elements) {
    const box = control as HTMLInputElement;
    if (!box.name || HIDDEN.has(box.name) || box.name === "version" || box.type === "file") continue;
    const values = item.fields.filter(([name]) => name === box.name).map(([, value]) => value);
    if (box.type === "radio" || box.type === "checkbox") box.checked = values.includes(box.value);
    else if (values.length) box.value = values[0] ?? "";
  }
  // what came from a list that the page fetched for the words is not on this page: it stays as it was
  for (const [name, value] of item.fields) {
    if (name === "category" && value && !new FormData(form).get("category")) hidden(form, name, value);
  }
}

function hidden(form: HTMLFormElement, name: string, value: string): void {
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name, value });
  form.append(input);
}

/** Shows the place again: on a map that is not drawn yet by its data, on one that is by a tap. */
function point(form: HTMLFormElement, lng: string, lat: string): void {
  const map = form.querySelector<HTMLElement & { linliMap?: { fire(kind: string, data: unknown): void } }>('[data-map="pick"]');
  if (!map || !lng || !lat) return;
  map.dataset.lng = lng;
  map.dataset.lat = lat;
  map.linliMap?.fire("click", { lngLat: { lng: Number(lng), lat: Number(lat) } });
}

interface Begun {
  id: string;
  at: number;
  /** The item that is mended or gone on with. */
  item: Item | null;
  photos: Map<File, Photo>;
  /** Once it is sent no draft of it may be written any more, also not one that is under way. */
  sent: boolean;
  saving: Promise<void>;
}

export class Forms {
  private readonly begun = new WeakMap<HTMLFormElement, Begun>();
  private readonly timers = new WeakMap<HTMLFormElement, number>();

  constructor(
    private readonly outbox: Outbox,
    private readonly around: Around,
    private readonly root: Document = document,
  ) {}

  async start(): Promise<void> {
    const wanted = /^#item=([0-9a-f-]{36})$/.exec(location.hash)?.[1] ?? "";
    const items = await this.outbox.items();
    for (const form of this.forms()) {
      const action = this.actionOf(form);
      const item =
        items.find((one) => one.id === wanted && one.action === action && one.state !== "done") ??
        (form.hasAttribute("data-outbox-draft")
          ? items.filter((one) => one.state === "draft" && one.action === action).sort((a, b) => b.begun - a.begun)[0]
          : undefined);
      if (item) await this.take(form, item);
    }
    this.root.addEventListener("submit", (event) => this.submitted(event), { capture: true });
    this.root.addEventListener("input", (event) => this.later(event));
    this.root.addEventListener("linli:photos", (event) => this.later(event));
    this.root.addEventListener("change", (event) => this.later(event));
    window.addEventListener("pageshow", (event) => event.persisted && this.openAgain());
  }

  /** A page that the browser kept is shown again: what was sent from it is another's now, and its forms begin anew. */
  private openAgain(): void {
    for (const form of this.forms()) {
      if (!form.dataset.sending) continue;
      delete form.dataset.sending;
      for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
      this.begun.delete(form);
    }
  }

  private forms(): HTMLFormElement[] {
    return [...this.root.querySelectorAll<HTMLFormElement>("form[data-outbox]")];
  }

  private actionOf(form: HTMLFormElement): string {
    return new URL(form.getAttribute("action") || location.pathname, location.href).pathname;
  }

  private state(form: HTMLFormElement): Begun {
    let begun = this.begun.get(form);
    if (!begun) {
      begun = { id: newId(), at: Date.now(), item: null, photos: new Map(), sent: false, saving: Promise.resolve() };
      this.begun.set(form, begun);
    }
    return begun;
  }

  /** Goes on with an item in its form. */
  private async take(form: HTMLFormElement, item: Item): Promise<void> {
    const begun: Begun = { id: item.id, at: item.begun, item, photos: new Map(), sent: false, saving: Promise.resolve() };
    this.begun.set(form, begun);
    fill(form, item);
    const input = form.querySelector<HTMLInputElement>("input[data-photos]");
    const files: File[] = [];
    for (const photo of item.photos) {
      const body = await this.outbox.photo(photo);
      if (!body) continue;
      const file = new File([body], photo.name, { type: "image/jpeg" });
      begun.photos.set(file, photo);
      files.push(file);
    }
    if (input && files.length) {
      input.dispatchEvent(new CustomEvent("linli:give-photos", { bubbles: true, detail: files }));
    }
    point(form, field(item, "lng"), field(item, "lat"));
    if (item.problem) this.explain(form, item.problem);
    else this.note(form, item);
  }

  private note(form: HTMLFormElement, item: Item): void {
    const note = form.querySelector<HTMLElement>("[data-outbox-back]");
    if (!note) return;
    note.hidden = false;
    note.querySelector("[data-outbox-anew]")?.addEventListener("click", () => {
      void this.outbox.discard(item.id).then(() => this.around.go(location.pathname));
    });
  }

  /** The reason of a refusal on top of the form, and under the field that it names. */
  private explain(form: HTMLFormElement, problem: Problem): void {
    const box = form.querySelector<HTMLElement>("[data-outbox-problem]");
    if (!box) return;
    box.hidden = false;
    box.querySelector<HTMLElement>("[data-problem-title]")!.textContent = problem.title;
    const mend = problem.state ? word("outbox-stale", { state: problem.state }) : (problem.mend ?? "");
    box.querySelector<HTMLElement>("[data-problem-mend]")!.textContent = mend;
    const wrong = problem.field ? form.querySelector<HTMLElement>(`[name="${CSS.escape(problem.field)}"]`) : null;
    wrong?.setAttribute("aria-invalid", "true");
    box.focus();
  }

  private later(event: Event): void {
    const form = (event.target as Element).closest?.<HTMLFormElement>("form[data-outbox-draft]");
    if (!form) return;
    window.clearTimeout(this.timers.get(form));
    this.timers.set(
      form,
      window.setTimeout(() => this.save(form), event.type === "linli:photos" ? 0 : SAVE_MS),
    );
  }

  private save(form: HTMLFormElement): void {
    const begun = this.state(form);
    begun.saving = begun.saving.then(() => this.draft(form, begun)).catch(() => undefined);
  }

  private async draft(form: HTMLFormElement, begun: Begun): Promise<void> {
    // what is mended stays as it was until it is sent again
    if (begun.sent || (begun.item && begun.item.state !== "draft")) return;
    const [item, photos] = await this.read(form, begun, "draft");
    await this.outbox.keep(item, photos);
    begun.item = item;
    form.dataset.drafted = item.words;
  }

  private async read(form: HTMLFormElement, begun: Begun, state: Item["state"]): Promise<[Item, Map<string, ArrayBuffer>]> {
    const bodies = new Map<string, ArrayBuffer>();
    const files = [...(form.querySelector<HTMLInputElement>("input[data-photos]")?.files ?? [])];
    const photos: Photo[] = [];
    for (const file of files) {
      let photo = begun.photos.get(file);
      if (!photo) {
        photo = { id: newId(), name: file.name, size: file.size };
        begun.photos.set(file, photo);
      }
      bodies.set(photo.id, await file.arrayBuffer());
      photos.push(photo);
    }
    const known = begun.item?.photos ?? [];
    const fields = fieldsOf(form);
    const words = fields.find(([name]) => ["description", "outcome", "text", "words", "reason"].includes(name))?.[1] ?? "";
    const item: Item = {
      id: begun.id,
      action: this.actionOf(form),
      page: location.pathname + location.search,
      title: form.dataset.outbox ?? "",
      words: words.slice(0, 80),
      subject: form.dataset.outboxSubject ?? "",
      fields,
      photos: photos.map((photo) => known.find((one) => one.id === photo.id) ?? photo),
      begun: begun.at,
      sent: state === "draft" ? 0 : begun.item?.sent || Date.now(),
      state,
      tries: 0,
      notBefore: 0,
    };
    return [item, bodies];
  }

  private submitted(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement;
    if (!form.matches?.("form[data-outbox]")) return;
    event.preventDefault();
    if (form.dataset.sending) return;
    const wanting = form.querySelector<HTMLInputElement>(":invalid");
    if (wanting) {
      const title = wanting.validationMessage;
      this.explain(form, { code: "field.needed", title, field: wanting.name, status: 422 });
      return;
    }
    const shut = this.alike(form);
    for (const one of shut) one.dataset.sending = "1";
    const button = event.submitter;
    button?.setAttribute("aria-busy", "true");
    const open = () => {
      for (const one of shut) delete one.dataset.sending;
      button?.removeAttribute("aria-busy");
    };
    // Once it has left, its page is on the way out: another tap would only be a second command on a case that has moved on.
    void this.send(form).then((left) => !left && open(), open);
  }

  /** The form, and the others of the page that change the same case: what is done by one, the others did not see. */
  private alike(form: HTMLFormElement): HTMLFormElement[] {
    const subject = form.dataset.outboxSubject;
    return subject ? this.forms().filter((one) => one === form || one.dataset.outboxSubject === subject) : [form];
  }

  /** Sends it; says whether the page is being left. */
  private async send(form: HTMLFormElement): Promise<boolean> {
    const begun = this.state(form);
    begun.sent = true;
    window.clearTimeout(this.timers.get(form));
    await begun.saving;
    const [item, photos] = await this.read(form, begun, "waiting");
    // Without a signal nobody can be asked whether it is a neighbour's too: it goes in as it is.
    const late = !navigator.onLine || document.documentElement.hasAttribute("data-kept-at");
    if (late && !field(item, "anyway")) item.fields.push(["anyway", "1"]);
    await this.outbox.keep(item, photos);
    if (navigator.onLine) {
      const patience = new Promise((done) => window.setTimeout(done, PATIENCE_MS));
      await Promise.race([this.outbox.run(), patience]);
    }
    const now = await this.outbox.item(item.id);
    if (form.hasAttribute("data-outbox-stay") && now && (now.state === "done" || now.state === "waiting")) {
      // one of many on its page: the page marks it and stays
      form.dispatchEvent(new CustomEvent("linli:sent", { bubbles: true }));
      return false;
    }
    if (now?.state === "refused" && now.problem) {
      begun.item = now;
      this.explain(form, now.problem);
      return false;
    }
    if (now?.state === "done" && now.answer) this.around.go(now.answer.href);
    else if (this.outbox.stopped === "ended") this.around.go("/field/");
    else {
      if (now?.state === "waiting") this.around.say(word("outbox-kept"));
      this.around.go("/field/outbox");
    }
    return true;
  }
}
