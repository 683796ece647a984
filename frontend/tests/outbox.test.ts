// @vitest-environment node
import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";

import { after, again, newId, nextUp, pause, unsent, wakeIn, withField, field, type Answer, type Item } from "../src/outbox/items";
import { Outbox } from "../src/outbox/outbox";
import { addressOf, isPart, keepable, keepPage, keptPage, syncPages } from "../src/outbox/pages";
import { judged, PIECE, send, UPLOADS, type Line } from "../src/outbox/sending";
import { Vault } from "../src/outbox/vault";
import { length, metres, walk, type Point } from "../src/outbox/walk";

let made = 0;
function item(changed: Partial<Item> = {}): Item {
  made += 1;
  return {
    id: `00000000-0000-7000-8000-${String(made).padStart(12, "0")}`,
    action: "/field/report",
    page: "/field/report",
    title: "Report",
    words: "",
    subject: "",
    fields: [["description", "灯不亮"]],
    photos: [],
    begun: 1_000,
    sent: made,
    state: "waiting",
    tries: 0,
    notBefore: 0,
    ...changed,
  };
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });

/** A server as the field app's: keeps uploads and commands by their keys, and loses answers when told. */
class Server {
  uploads = new Map<string, { id: string; bytes: Uint8Array; length: number }>();
  reports = new Map<string, { number: string; photos: string[] }>();
  refuse: ((form: URLSearchParams) => Response | null) | null = null;
  lose = () => false;
  calls: string[] = [];
  line: Line = { csrf: async () => "token", fetch: (address, init) => this.answer(address, init) };

  private async answer(address: string, init: RequestInit): Promise<Response> {
    this.calls.push(`${init.method} ${address}`);
    if (this.lose()) throw new TypeError("no network");
    const answer = this.act(address, init);
    if (this.lose()) throw new TypeError("the answer was lost");
    return answer;
  }

  private act(address: string, init: RequestInit): Response {
    const headers = new Headers(init.headers);
    if (address === UPLOADS) {
      const key = headers.get("Idempotency-Key")!;
      const there = this.uploads.get(key) ?? { id: `up-${this.uploads.size}`, bytes: new Uint8Array(), length: Number(headers.get("Upload-Length")) };
      this.uploads.set(key, there);
      return new Response(null, { status: 201, headers: { Location: `${UPLOADS}/${there.id}`, "Upload-Offset": String(there.bytes.length) } });
    }
    const upload = [...this.uploads.values()].find((one) => address === `${UPLOADS}/${one.id}`);
    if (upload && init.method === "GET") return json({ state: "whole" });
    if (upload) {
      const at = String(upload.bytes.length);
      if (headers.get("Upload-Offset") !== at) return json({ code: "upload.offset", title: "?", status: 409 }, 409, { "Upload-Offset": at });
      const piece = new Uint8Array(init.body as ArrayBuffer);
      const whole = new Uint8Array(upload.bytes.length + piece.length);
      whole.set(upload.bytes);
      whole.set(piece, upload.bytes.length);
      upload.bytes = whole;
      return new Response(null, { status: 204, headers: { "Upload-Offset": String(upload.bytes.length) } });
    }
    const form = init.body as URLSearchParams;
    const key = form.get("key")!;
    const refused = this.reports.has(key) ? null : this.refuse?.(form);
    if (refused) return refused;
    const report = this.reports.get(key) ?? { number: `N${this.reports.size}`, photos: form.getAll("uploads") };
    this.reports.set(key, report);
    return json({ linli: { href: `/done/${report.number}`, title: report.number } });
  }
}

let vault: Vault;
beforeEach(async () => {
  vault = await Vault.open(`test-${newId()}`);
  await vault.claim("he_ming");
});

// --- the vault

test("what goes in comes out, and lies sealed", async () => {
  const body = new TextEncoder().encode("一张照片").buffer;
  await vault.put("items", "a", { words: "三单元的张阿姨" }, body);
  const kept = await vault.get<{ words: string }>("items", "a");
  expect(kept?.head.words).toBe("三单元的张阿姨");
  expect(new TextDecoder().decode(kept?.body)).toBe("一张照片");
  const raw = await (vault as unknown as { db: IDBDatabase & { get(s: string, id: string): Promise<{ head: ArrayBuffer; body: ArrayBuffer }> } }).db.get("items", "a");
  for (const part of [raw.head, raw.body]) expect(new TextDecoder().decode(part)).not.toContain("张");
});

test("the key cannot be read out, and a record moved to another place does not open", async () => {
  type Raw = { get(s: string, id: string): Promise<never>; put(s: string, value: unknown, id: string): Promise<void> };
  const db = (vault as unknown as { db: Raw }).db;
  const keeper = (await db.get("keeper", "now")) as { key: CryptoKey };
  await expect(crypto.subtle.exportKey("raw", keeper.key)).rejects.toThrow();
  await vault.put("items", "a", { n: 1 });
  await db.put("items", await db.get("items", "a"), "b");
  expect(await vault.get("items", "b")).toBeNull();
});

test("somebody else finds nothing, and wiping takes the key first", async () => {
  await vault.put("items", "a", { n: 1 });
  expect(await vault.claim("he_ming")).toBe(false);
  expect(await vault.get("items", "a")).not.toBeNull();
  expect(await vault.claim("lao_wu")).toBe(true);
  expect(await vault.ids("items")).toEqual([]);
  await vault.put("pages", "p", { n: 1 });
  await vault.wipe();
  expect(await vault.owner()).toBe("");
  expect(await vault.ids("pages")).toEqual([]);
  await expect(vault.put("items", "a", {})).rejects.toThrow();
});

// --- the rules

test("ids are UUIDv7 and sort by time", () => {
  const ids = [1, 2, 300, 70_000, 1_800_000_000_000].map((now) => newId(now));
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect([...ids].sort()).toEqual(ids);
});

test("items of one case go in order, cases do not wait for each other", () => {
  const first = item({ subject: "A", state: "refused" });
  const behind = item({ subject: "A" });
  const other = item({ subject: "B", notBefore: 500 });
  const report = item();
  const items = [behind, report, other, first];
  expect(nextUp(items, 0)?.id).toBe(report.id);
  expect(nextUp(items, 500)?.id).toBe(other.id);
  expect(nextUp([first, behind], 1e12)).toBeNull();
  expect(wakeIn([first, behind, other], 100)).toBe(400);
  expect(wakeIn([first, behind], 100)).toBeNull();
  expect(unsent([item({ state: "draft" }), item({ state: "done" }), first]).map((one) => one.id)).toEqual([first.id]);
});

test("it tries again later and later, and never more than ten minutes and a quarter apart", () => {
  expect([1, 2, 3, 4].map((tries) => pause(tries, 0))).toEqual([2_000, 4_000, 8_000, 16_000]);
  expect(pause(40, 1)).toBe(750_000);
  const waiting = item();
  const [once] = after([waiting], waiting, { kind: "later" }, 100, 0);
  expect([once!.tries, once!.notBefore]).toEqual([1, 2_100]);
  const [told] = after([once!], once!, { kind: "later", ms: 60_000 }, 100, 0);
  expect(told!.notBefore).toBe(60_100);
});

test("who signs in and disposes saw one version: the second carries on from the first's, unless somebody came between", () => {
  const signIn = withField(item({ subject: "A" }), "version", "4");
  const dispose = withField(item({ subject: "A" }), "version", "4");
  const elsewhere = withField(item({ subject: "B" }), "version", "4");
  const older = withField(item({ subject: "A" }), "version", "3");
  const items = [signIn, dispose, elsewhere, older];
  const done: Answer = { kind: "done", href: "/", title: "", before: 4, version: 5 };
  const changed = after(items, signIn, done, 0);
  expect(changed.map((one) => [one.id, field(one, "version")]).slice(1)).toEqual([[dispose.id, "5"]]);
  expect(after(items, signIn, { ...done, before: 7, version: 8 }, 0)).toHaveLength(1);
});

test("a mended item keeps its id and its place, and goes at once", () => {
  const refused = item({ state: "refused", tries: 3, notBefore: 9e9, problem: { code: "x", title: "x", status: 422 }, sent: 5 });
  const mended = again(refused, { fields: [["description", "new"]] }, 1_000);
  expect([mended.id, mended.sent, mended.state, mended.notBefore, mended.problem]).toEqual([refused.id, 5, "waiting", 0, undefined]);
});

test.each([
  [json({ linli: { code: "case.stale", title: "!", version: 7 } }, 409), "refused"],
  [json({ linli: { code: "report.near", title: "?", near: [] } }, 409), "asked"],
  [json({ code: "command.in_flight", title: "…", status: 409 }, 409), "later"],
  [json({ code: "photo.not_a_photo", title: "!", status: 422 }, 422), "refused"],
  [json({ linli: { code: "sign_in_needed", title: "?" } }, 401), "signIn"],
  [json({ linli: { code: "session.ended", title: "?" } }, 401), "ended"],
  [new Response("<html>Welcome to the hotel</html>", { status: 404 }), "later"],
  [json({ hotel: true }, 403), "later"],
  [new Response("", { status: 502 }), "later"],
])("an answer means what it says (%#)", async (answer, kind) => {
  expect((await judged(answer)).kind).toBe(kind);
});

test("told how long to wait, it waits", async () => {
  expect(await judged(new Response("", { status: 429, headers: { "Retry-After": "30" } }))).toEqual({ kind: "later", ms: 30_000 });
});

// --- on its way

const photo = (n: number) => ({ id: newId(), name: `${n}.jpg`, size: n });

test("a photo goes in pieces and is on the server once, wherever the line breaks", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(50_000)).slice();
  const large = new Uint8Array(PIECE * 2 + 1000);
  for (let at = 0; at < large.length; at += bytes.length) large.set(bytes.subarray(0, Math.min(bytes.length, large.length - at)), at);
  for (let broken = 0; broken < 14; broken += 1) {
    const server = new Server();
    let call = 0;
    server.lose = () => call++ === broken;
    let current = item({ photos: [photo(large.length)] });
    const keep = async (changed: Item) => void (current = changed);
    let answer = await send(server.line, current, async () => large.buffer, keep);
    for (let tries = 0; answer.kind === "later" && tries < 5; tries += 1) answer = await send(server.line, current, async () => large.buffer, keep);
    expect(answer.kind).toBe("done");
    expect(server.uploads.size).toBe(1);
    const there = [...server.uploads.values()][0]!.bytes;
    expect(there.length === large.length && there.every((byte, at) => byte === large[at])).toBe(true);
    expect([...server.reports.values()]).toEqual([{ number: "N0", photos: ["up-0"] }]);
  }
});

test("killed between any two steps, five reports with photos arrive once each", async () => {
  const pictures = [1, 2, 3, 4, 5].map((n) => new Uint8Array(2_000).fill(n));
  for (let killed = 0; killed < 32; killed += 3) {
    const name = `kill-${newId()}`;
    const server = new Server();
    let box = await Vault.open(name);
    await box.claim("he_ming");
    let outbox = new Outbox(box, server.line, undefined, () => 0);
    for (const picture of pictures) {
      const one = photo(picture.length);
      await outbox.keep(item({ photos: [one] }), new Map([[one.id, picture.buffer]]));
    }
    let call = 0;
    server.lose = () => call++ >= killed; // from here on the tab is dead
    await outbox.run();
    box.close();
    server.lose = () => false;
    box = await Vault.open(name);
    outbox = new Outbox(box, server.line, undefined, () => 0);
    await outbox.hurry();
    await outbox.run();
    expect(unsent(await outbox.items())).toEqual([]);
    expect(server.reports.size).toBe(5);
    expect(server.uploads.size).toBe(5);
    expect(new Set([...server.reports.values()].flatMap((one) => one.photos)).size).toBe(5);
    expect(await box.ids("photos")).toEqual([]);
  }
});

test("a refused one stays with its reason while the others go; mended it arrives", async () => {
  const server = new Server();
  server.refuse = (form) => (form.get("category") ? null : json({ linli: { code: "case.category", title: "Choose a category.", field: "category" } }, 422));
  const outbox = new Outbox(vault, server.line, undefined, () => 0);
  const bad = item();
  const good = withField(item(), "category", "UT02");
  await outbox.keep(bad);
  await outbox.keep(good);
  await outbox.run();
  expect(server.reports.size).toBe(1);
  const stuck = (await outbox.item(bad.id))!;
  expect([stuck.state, stuck.problem?.title, stuck.fields]).toEqual(["refused", "Choose a category.", bad.fields]);
  await outbox.retry(bad.id, { fields: withField(stuck, "category", "EN01").fields });
  await outbox.run();
  expect((await outbox.item(bad.id))?.state).toBe("done");
  expect([...server.reports.keys()].sort()).toEqual([bad.id, good.id].sort());
});

test("a session that was ended elsewhere takes everything off the phone; one that ran out does not", async () => {
  const server = new Server();
  const outbox = new Outbox(vault, server.line, undefined, () => 0);
  await outbox.keep(item());
  server.refuse = () => json({ linli: { code: "sign_in_needed", title: "?" } }, 401);
  await outbox.run();
  expect([outbox.stopped, (await outbox.items()).length]).toEqual(["signIn", 1]);
  server.refuse = () => json({ linli: { code: "session.ended", title: "?" } }, 401);
  await outbox.run();
  expect([outbox.stopped, await vault.owner(), await vault.ids("items")]).toEqual(["ended", "", []]);
});

test("a draft of another tab never takes back what was sent", async () => {
  const server = new Server();
  const outbox = new Outbox(vault, server.line, undefined, () => 0);
  const begun = item({ state: "draft", sent: 0 });
  await outbox.keep(begun);
  await outbox.keep({ ...begun, state: "waiting", sent: 1 });
  await outbox.keep({ ...begun, fields: [["description", "old"]] });
  expect((await outbox.item(begun.id))?.state).toBe("waiting");
  await outbox.run();
  expect(server.reports.size).toBe(1);
});

test("what was thrown away while it was on its way does not come back", async () => {
  const server = new Server();
  const outbox = new Outbox(vault, server.line, undefined, () => 0);
  const gone = item();
  await outbox.keep(gone);
  server.refuse = () => {
    void vault.delete("items", gone.id);
    return new Response("", { status: 503 });
  };
  await outbox.run();
  expect(await outbox.items()).toEqual([]);
});

// --- pages

const html = (text: string) =>
  new Response(`<!doctype html><html lang="zh-Hans"><body>${text}</body></html>`, { headers: { "Content-Type": "text/html", "X-Linli-Keep": "1" } });

test("a kept page says since when it stands, and a form is found whether it was kept ahead or not", async () => {
  await keepPage(vault, "http://x/field/case/1/do/dispose?ahead=1", html("办结"), "v", Date.UTC(2026, 10, 18, 2, 12));
  const kept = await keptPage(vault, "http://x/field/case/1/do/dispose");
  expect(await kept?.text()).toContain('<html data-kept-at="2026-11-18T02:12:00.000Z" lang="zh-Hans"><body>办结');
  expect(await keptPage(vault, "/field/case/2")).toBeNull();
  expect(addressOf("/field/?order=walk")).toBe("/field/?order=walk");
  expect(isPart(new Request("http://x/field/", { headers: { "HX-Request": "true" } }))).toBe(true);
  expect(isPart(new Request("http://x/field/", { headers: { "HX-Request": "true", "HX-History-Restore-Request": "true" } }))).toBe(false);
  expect(isPart(new Request("http://x/field/"))).toBe(false);
  expect(keepable(html(""))).toBe(true);
  expect(keepable(new Response("", { headers: { "Content-Type": "text/html" } }))).toBe(false);
});

test("sync fetches what has changed and forgets what is not named", async () => {
  const asked: string[] = [];
  const get = async (address: string) => {
    asked.push(address);
    return html(address);
  };
  expect(await syncPages(vault, { account: "he_ming", pages: [["/field/", "1"], ["/field/case/1", "1"]] }, get)).toEqual({ fetched: 2, whole: true });
  expect(await syncPages(vault, { account: "he_ming", pages: [["/field/", "2"], ["/field/case/2", "1"]] }, get)).toEqual({ fetched: 2, whole: true });
  expect(asked.slice(2)).toEqual(["/field/", "/field/case/2"]);
  expect(await keptPage(vault, "/field/case/1")).toBeNull();
  const lost = () => Promise.reject(new TypeError("no network"));
  expect(await syncPages(vault, { account: "he_ming", pages: [["/field/", "3"], ["/field/case/2", "1"]] }, lost)).toEqual({ fetched: 0, whole: false });
  const busy = async (address: string) => (address === "/field/" ? json({}, 503) : html(address));
  expect(await syncPages(vault, { account: "he_ming", pages: [["/field/", "4"], ["/field/case/3", "1"]] }, busy)).toEqual({ fetched: 1, whole: false });
  expect(await keptPage(vault, "/field/")).not.toBeNull();
});

// --- the walk

test("the walk visits every place once and is never longer than the list's own order or the nearest neighbour's", () => {
  let seed = 7;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (let round = 0; round < 60; round += 1) {
    const points = Array.from({ length: round % 13 }, (): Point => [104.06 + random() / 50, 30.63 + random() / 50]);
    const start: Point = [104.06, 30.63];
    const way = walk(start, points);
    expect([...way].sort((a, b) => a - b)).toEqual([...points.keys()]);
    expect(length(start, points, way)).toBeLessThanOrEqual(length(start, points, [...points.keys()]) + 1e-6);
  }
});

test("of up to six places it finds the shortest way nearly always, and never one a quarter longer", () => {
  let seed = 11;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const orders = (rest: number[]): number[][] => (rest.length ? rest.flatMap((one) => orders(rest.filter((other) => other !== one)).map((way) => [one, ...way])) : [[]]);
  let exact = 0;
  for (let round = 0; round < 60; round += 1) {
    const points = Array.from({ length: 6 }, (): Point => [104.06 + random() / 50, 30.63 + random() / 50]);
    const start: Point = [104.07, 30.64];
    const best = Math.min(...orders([...points.keys()]).map((way) => length(start, points, way)));
    const found = length(start, points, walk(start, points));
    expect(found).toBeLessThanOrEqual(best * 1.25);
    if (found < best * 1.0001) exact += 1;
  }
  expect(exact).toBeGreaterThan(40);
});

test("metres are metres", () => {
  expect(Math.round(metres([104, 30], [104, 30.001]))).toBe(111);
  expect(Math.round(metres([104, 60], [104.001, 60]))).toBe(56);
});
