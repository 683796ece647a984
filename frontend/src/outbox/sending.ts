/*
 * One item on its way: its photos in pieces (tus 1.0), then its form. Everything the server is told carries the item's or the
 * photo's own id, so that after any interruption it is simply begun again.
 */
import type { Answer, Item, Photo, Problem } from "./items";

export type Fetch = (address: string, init: RequestInit) => Promise<Response>;

export interface Line {
  fetch: Fetch;
  csrf: () => Promise<string>;
}

export const UPLOADS = "/api/v1/uploads";
export const PIECE = 256 * 1024;

const AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);

class Stop extends Error {
  constructor(readonly answer: Answer) {
    super(answer.kind);
  }
}

/** Sends a photo, or what is missing of it; returns the server's id. Throws a Stop when the item cannot go on. */
async function sendPhoto(line: Line, photo: Photo, body: ArrayBuffer): Promise<string> {
  const headers = { "X-CSRFToken": await line.csrf(), "Tus-Resumable": "1.0.0", Accept: "application/json" };
  const begun = await line.fetch(UPLOADS, {
    method: "POST",
    headers: { ...headers, "Upload-Length": String(body.byteLength), "Idempotency-Key": photo.id },
  });
  if (begun.status !== 201) throw new Stop(await judged(begun));
  const address = begun.headers.get("Location") ?? "";
  const id = address.split("/").pop() ?? "";
  let offset = Number(begun.headers.get("Upload-Offset") ?? NaN);
  if (!id || Number.isNaN(offset)) throw new Stop({ kind: "later" });
  // one round more than pieces: a whole photo is asked once whether it is good, for the answer may have been lost
  for (let lost = 0; ; ) {
    if (offset >= body.byteLength) {
      const told = await line.fetch(address, { method: "GET", headers });
      if (!told.ok) throw new Stop(await judged(told));
      return id;
    }
    const piece = body.slice(offset, offset + PIECE);
    const answer = await line.fetch(address, {
      method: "PATCH",
      headers: { ...headers, "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" },
      body: piece,
    });
    const there = Number(answer.headers.get("Upload-Offset") ?? NaN);
    if (answer.status === 204 && there > offset) offset = there;
    else if (answer.status === 409 && !Number.isNaN(there) && lost < 3) {
      offset = there;
      lost += 1;
    } else throw new Stop(await judged(answer));
  }
}

/** What an answer that is no success means. */
export async function judged(answer: Response): Promise<Answer> {
  const seconds = Number(answer.headers.get("Retry-After") ?? NaN);
  const ms = Number.isNaN(seconds) ? undefined : seconds * 1000;
  if (AGAIN.has(answer.status)) return { kind: "later", ms };
  const told = (await answer.json().catch(() => null)) as (Problem & { linli?: Problem }) | null;
  const problem = told?.linli ?? told;
  // a hotel's sign-in page, a proxy's own words: none of it is an answer to us
  if (!problem?.code || typeof problem.title !== "string") return { kind: "later" };
  const status = problem.status || answer.status;
  if (problem.code === "session.ended") return { kind: "ended" };
  if (status === 401) return { kind: "signIn" };
  if (problem.code === "command.in_flight" || problem.code === "csrf") return { kind: "later", ms: ms ?? 1_000 };
  if (problem.code === "report.near") return { kind: "asked", problem: { ...problem, status } };
  return { kind: "refused", problem: { ...problem, status } };
}

/** Sends an item. `keep` is called after each photo, so that what has arrived is not sent again after an interruption. */
export async function send(
  line: Line,
  item: Item,
  bytes: (photo: Photo) => Promise<ArrayBuffer | null>,
  keep: (item: Item) => Promise<void>,
): Promise<Answer> {
  let current = item;
  try {
    for (const photo of item.photos) {
      if (photo.upload) continue;
      const body = await bytes(photo);
      if (!body) continue; // lost with its store: the words still go
      const upload = await sendPhoto(line, photo, body);
      current = { ...current, photos: current.photos.map((one) => (one.id === photo.id ? { ...one, upload } : one)) };
      await keep(current);
    }
    const form = new URLSearchParams(current.fields.filter(([name]) => name !== "uploads" && name !== "key"));
    form.set("key", current.id);
    form.set("begun_at", new Date(current.begun).toISOString());
    for (const photo of current.photos) if (photo.upload) form.append("uploads", photo.upload);
    const answer = await line.fetch(current.action, {
      method: "POST",
      headers: { "X-CSRFToken": await line.csrf(), Accept: "application/json" },
      body: form,
    });
    if (answer.status === 403 && !(answer.headers.get("Content-Type") ?? "").includes("json")) {
      return { kind: "later" }; // Django's own page: the token has changed since, the next try has the new one
    }
    if (!answer.ok) {
      const meant = await judged(answer);
      if (meant.kind === "refused" && meant.problem.code.startsWith("upload.")) await keep(forgotten(current));
      return meant.kind === "refused" && meant.problem.code === "upload.none" ? { kind: "later" } : meant;
    }
    const told = (await answer.json().catch(() => null)) as { linli?: Done } | null;
    if (!told?.linli?.href) return { kind: "later" };
    const { href, title, before, version } = told.linli;
    return { kind: "done", href, title, before, version };
  } catch (error) {
    if (error instanceof Stop) return error.answer;
    return { kind: "later" };
  }
}

interface Done {
  href: string;
  title: string;
  before?: number;
  version?: number;
}

/** Photos that the server has swept meanwhile go again, as new ones. */
function forgotten(item: Item): Item {
  return { ...item, photos: item.photos.map((photo) => ({ ...photo, upload: undefined })) };
}
