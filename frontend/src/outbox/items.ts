/*
 * The outbox's rules, without a browser: what is sent next, and what an answer makes of an item and of those behind it.
 */
export type State = "draft" | "waiting" | "refused" | "asked" | "done";

export interface Photo {
  id: string;
  name: string;
  size: number;
  /** The server's id of it, once it is there whole. */
  upload?: string;
}

export interface Problem {
  code: string;
  title: string;
  mend?: string;
  field?: string;
  status: number;
  version?: number;
  state?: string;
  near?: { number: string; words: string; join: string }[];
}

export interface Item {
  /** UUIDv7, made when the form is begun; the idempotency key of everything that is sent of it. */
  id: string;
  /** Where the form is posted, and where it is shown. */
  action: string;
  page: string;
  /** What people read. */
  title: string;
  words: string;
  /** The number of the case; items of one case go in order. Empty: it waits for nothing. */
  subject: string;
  fields: [string, string][];
  photos: Photo[];
  begun: number;
  /** When it was sent by the person; what is sent first goes first. */
  sent: number;
  state: State;
  tries: number;
  notBefore: number;
  problem?: Problem;
  answer?: { href: string; title: string; at: number };
}

export type Answer =
  | { kind: "done"; href: string; title: string; before?: number; version?: number }
  | { kind: "refused"; problem: Problem }
  | { kind: "asked"; problem: Problem }
  | { kind: "later"; ms?: number; why?: string }
  | { kind: "signIn" }
  | { kind: "ended" };

export const FIRST_MS = 2_000;
export const LONGEST_MS = 600_000;
export const DONE_MS = 24 * 3_600_000;

/** UUIDv7 (RFC 9562). */
export function newId(now = Date.now(), random: (box: Uint8Array) => Uint8Array = (box) => crypto.getRandomValues(box as Uint8Array<ArrayBuffer>)): string {
  const bytes = random(new Uint8Array(16));
  let millis = now;
  for (let at = 5; at >= 0; at -= 1) {
    bytes[at] = millis % 256;
    millis = Math.floor(millis / 256);
  }
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const inOrder = (a: Item, b: Item) => a.sent - b.sent || (a.id < b.id ? -1 : 1);

/** What has not arrived and is no draft. */
export function unsent(items: Item[]): Item[] {
  return items.filter((item) => item.state !== "draft" && item.state !== "done").sort(inOrder);
}

/** What is sent next, and what waits before anything on its case can go; null when nothing can go now. */
export function nextUp(items: Item[], now: number): Item | null {
  const held = new Set<string>();
  for (const item of unsent(items)) {
    const blocked = item.subject && held.has(item.subject);
    if (!blocked && item.state === "waiting" && item.notBefore <= now) return item;
    if (item.subject) held.add(item.subject);
  }
  return null;
}

/** When the next item may go, in milliseconds from now; null when none waits for its time. */
export function wakeIn(items: Item[], now: number): number | null {
  const held = new Set<string>();
  let soonest: number | null = null;
  for (const item of unsent(items)) {
    const blocked = item.subject && held.has(item.subject);
    if (!blocked && item.state === "waiting") soonest = Math.min(soonest ?? Infinity, Math.max(0, item.notBefore - now));
    if (item.subject) held.add(item.subject);
  }
  return soonest;
}

/** 2, 4, 8 … seconds, at most ten minutes, and up to a quarter more so that phones do not come back all at once. */
export function pause(tries: number, random = Math.random()): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, tries - 1)) * (1 + random / 4);
}

export function field(item: Item, name: string): string {
  return item.fields.find(([key]) => key === name)?.[1] ?? "";
}

export function withField(item: Item, name: string, value: string): Item {
  const fields = item.fields.filter(([key]) => key !== name);
  return { ...item, fields: [...fields, [name, value]] };
}

/** The items that an answer changes. */
export function after(items: Item[], item: Item, answer: Answer, now: number, random = Math.random()): Item[] {
  switch (answer.kind) {
    case "done": {
      const done: Item = {
        ...item,
        state: "done",
        fields: [],
        photos: [],
        problem: undefined,
        answer: { href: answer.href, title: answer.title, at: now },
      };
      return [done, ...carryOn(items, item, answer)];
    }
    case "refused":
      return [{ ...item, state: "refused", problem: answer.problem }];
    case "asked":
      return [{ ...item, state: "asked", problem: answer.problem }];
    case "later": {
      const tries = item.tries + 1;
      return [{ ...item, tries, notBefore: now + Math.max(answer.ms ?? 0, pause(tries, random)) }];
    }
    default:
      return [];
  }
}

/** Whoever signed in and then disposed saw one version; the first act makes a new one, which is the second's from then on. */
function carryOn(items: Item[], item: Item, answer: { before?: number; version?: number }): Item[] {
  if (!item.subject || answer.before === undefined || answer.version === undefined) return [];
  const seen = field(item, "version");
  if (seen && seen !== String(answer.before)) return [];
  return unsent(items)
    .filter((other) => other.id !== item.id && other.subject === item.subject && inOrder(item, other) < 0)
    .filter((other) => field(other, "version") === String(answer.before))
    .map((other) => withField(other, "version", String(answer.version)));
}

/** Sent again at once, as it is or with what was mended. */
export function again(item: Item, changed: Partial<Item>, now: number): Item {
  return { ...item, ...changed, state: "waiting", problem: undefined, tries: 0, notBefore: 0, sent: item.sent || now };
}

/** Receipts that are old enough to go. */
export function faded(items: Item[], now: number): Item[] {
  return items.filter((item) => item.state === "done" && now - (item.answer?.at ?? 0) > DONE_MS);
}
