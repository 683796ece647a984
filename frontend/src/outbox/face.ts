/*
 * What people see of the outbox: the counter in the header of every page, and the outbox's own page, drawn from the
 * <template> that the server wrote in the page's language.
 */
import { word } from "../behaviours/words";
import { field, unsent, withField, type Item } from "./items";
import type { Outbox } from "./outbox";

const clock = (moment: number) =>
  new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }).format(moment);

export function startFace(outbox: Outbox, send: () => void, root: Document = document): void {
  let said = "";
  let drawing = Promise.resolve();
  const draw = async () => {
    const items = await outbox.items();
    const waiting = unsent(items);
    const stuck = waiting.filter((item) => item.state !== "waiting").length;
    for (const chip of root.querySelectorAll<HTMLElement>("[data-outbox-chip]")) {
      chip.dataset.count = String(waiting.length);
      chip.dataset.stuck = String(stuck);
      const count = chip.querySelector<HTMLElement>("[data-outbox-count]");
      if (count) {
        count.textContent = waiting.length ? String(waiting.length) : "";
        count.hidden = !waiting.length;
      }
    }
    const text = waiting.length
      ? word(stuck ? "outbox-stuck" : "outbox-waiting", { n: waiting.length, stuck })
      : said
        ? word("outbox-empty")
        : "";
    const voice = root.querySelector<HTMLElement>("[data-outbox-said]");
    if (voice && text !== said) voice.textContent = text;
    said = text;
    const list = root.querySelector<HTMLElement>("[data-outbox-list]");
    if (list) drawList(outbox, list, items, send);
  };
  // after a wipe there is nothing to draw from
  const redraw = () => (drawing = drawing.then(draw).catch(() => undefined));
  outbox.heard(() => void redraw());
  void redraw();
  root.querySelector("[data-outbox-send]")?.addEventListener("click", () => {
    void outbox.hurry().then(send);
  });
}

const ORDER: Item["state"][] = ["refused", "asked", "waiting", "draft", "done"];

function drawList(outbox: Outbox, list: HTMLElement, items: Item[], send: () => void): void {
  const template = document.querySelector<HTMLTemplateElement>("#outbox-item");
  if (!template) return;
  const held = document.activeElement?.closest<HTMLElement>("[data-item]")?.dataset.item;
  const shown = [...items].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.sent - b.sent || a.begun - b.begun);
  const rows = shown.map((item) => drawItem(outbox, template, item, send));
  list.querySelector("[data-outbox-items]")?.replaceChildren(...rows);
  const none = list.querySelector<HTMLElement>("[data-outbox-none]");
  if (none) none.hidden = rows.length > 0;
  const button = document.querySelector<HTMLElement>("[data-outbox-send]");
  if (button) button.hidden = !items.some((item) => item.state === "waiting");
  if (held) list.querySelector<HTMLElement>(`[data-item="${held}"]`)?.focus();
}

function drawItem(outbox: Outbox, template: HTMLTemplateElement, item: Item, send: () => void): HTMLElement {
  const row = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
  row.dataset.item = item.id;
  row.dataset.state = item.state;
  const part = (name: string) => row.querySelector<HTMLElement>(`[data-part="${name}"]`);
  const write = (name: string, text: string) => {
    const box = part(name);
    if (!box) return;
    box.textContent = text;
    box.hidden = !text;
  };
  write("title", [item.title, item.subject].filter(Boolean).join(" · "));
  write("words", item.words);
  const photos = item.photos.length ? word("outbox-photos", { n: item.photos.length }) : "";
  write("when", [clock(item.sent || item.begun), photos].filter(Boolean).join(" · "));
  write("problem", item.problem && item.state !== "asked" ? item.problem.title : "");
  write("mend", item.problem?.state ? word("outbox-stale", { state: item.problem.state }) : (item.problem?.mend ?? ""));
  for (const badge of row.querySelectorAll<HTMLElement>("[data-is]")) badge.hidden = badge.dataset.is !== item.state;

  const mend = row.querySelector<HTMLAnchorElement>('[data-do="mend"]');
  if (mend) {
    mend.hidden = item.state !== "refused" && item.state !== "draft";
    mend.href = `${item.page.split("#")[0]}#item=${item.id}`;
    const name = mend.querySelector<HTMLElement>("span");
    if (name && item.state === "draft") name.textContent = word("outbox-go-on");
  }
  const show = row.querySelector<HTMLAnchorElement>('[data-do="show"]');
  if (show) {
    show.hidden = item.state !== "done";
    show.href = item.answer?.href ?? "/field/";
  }
  const act = (name: string, visible: boolean, work: () => Promise<unknown>) => {
    const button = row.querySelector<HTMLElement>(`[data-do="${name}"]`);
    if (!button) return;
    button.hidden = !visible;
    button.addEventListener("click", () => void work());
  };
  act("discard", item.state !== "done", async () => {
    if (item.state === "draft" || confirm(word("outbox-discard"))) await outbox.discard(item.id);
  });
  act("anyway", item.state === "asked", () =>
    outbox.retry(item.id, { fields: withField(item, "anyway", "1").fields }).then(send),
  );
  const near = part("near");
  if (near && item.state === "asked") {
    near.hidden = false;
    const choice = near.querySelector("template");
    for (const one of item.problem?.near ?? []) {
      const line = (choice?.content.cloneNode(true) as DocumentFragment | undefined)?.firstElementChild as HTMLElement | undefined;
      if (!line) continue;
      line.querySelector('[data-part="number"]')!.textContent = one.number;
      line.querySelector('[data-part="said"]')!.textContent = one.words;
      line.querySelector("button")?.addEventListener("click", () => {
        const joining = { action: one.join, fields: [["description", field(item, "description")]] as [string, string][], photos: [] };
        void outbox.retry(item.id, joining).then(send);
      });
      near.append(line);
    }
  }
  return row;
}

/** A page from the phone says so. */
export function sayKept(root: Document = document): void {
  const at = root.documentElement.dataset.keptAt;
  const note = root.querySelector<HTMLElement>("[data-kept-note]");
  if (!at || !note) return;
  const text = note.querySelector("span");
  if (text) text.textContent = word("kept-at", { time: clock(Date.parse(at)) });
  note.hidden = false;
}

/** The server answers again: the outbox is as new as ever; another page that stays as it is says that there is a newer one. */
export function sayBack(root: Document = document): void {
  const { keptAt } = root.documentElement.dataset;
  const note = root.querySelector<HTMLElement>("[data-kept-note]");
  if (!keptAt || !note) return;
  if (root.querySelector("[data-outbox-list]")) {
    delete root.documentElement.dataset.keptAt;
    note.hidden = true;
    return;
  }
  const text = note.querySelector("span");
  if (text) text.textContent = word("kept-back", { time: clock(Date.parse(keptAt)) });
  note.querySelector("[data-kept-anew]")?.removeAttribute("hidden");
}
