/*
 * The outbox: what was sent by the person, kept until it has arrived. Any form can stand on it (see forms.ts). One sender works
 * at a time for all tabs and the service worker; everybody who shows a counter hears of each change.
 */
import { after, again, faded, nextUp, type Answer, type Item, type Photo } from "./items";
import { send, type Line } from "./sending";
import { Vault } from "./vault";

export const CHANNEL = "linli-outbox";
const LOCK = "linli-outbox";
const STORE_LOCK = "linli-outbox-store";

type Locks = Pick<LockManager, "request">;

export class Outbox {
  private readonly channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(CHANNEL);
  private readonly hearers = new Set<() => void>();
  /** The last answer that stopped the sender: somebody has to sign in, or the phone was wiped. */
  stopped: "" | "signIn" | "ended" = "";

  constructor(
    readonly vault: Vault,
    private readonly line: Line,
    private readonly locks: Locks | undefined = globalThis.navigator?.locks,
    private readonly now: () => number = Date.now,
  ) {
    if (this.channel) this.channel.onmessage = () => this.hearers.forEach((hear) => hear());
  }

  heard(hear: () => void): void {
    this.hearers.add(hear);
  }

  private tell(): void {
    this.channel?.postMessage("changed");
    this.hearers.forEach((hear) => hear());
  }

  items(): Promise<Item[]> {
    return this.vault.heads<Item>("items");
  }

  async item(id: string): Promise<Item | null> {
    return (await this.vault.get<Item>("items", id))?.head ?? null;
  }

  async photo(photo: Photo): Promise<ArrayBuffer | null> {
    return (await this.vault.get<Photo>("photos", photo.id))?.body ?? null;
  }

  /** Keeps an item with its photos: the photos first, so that an item never names one that is not there. */
  async keep(item: Item, photos: Map<string, ArrayBuffer> = new Map()): Promise<void> {
    for (const photo of item.photos) {
      const body = photos.get(photo.id);
      if (body) await this.vault.put("photos", photo.id, photo, body);
    }
    await this.exclusively(async () => {
      const before = await this.item(item.id);
      // another tab has sent it meanwhile: a draft never takes that back
      if (item.state === "draft" && before && before.state !== "draft") return;
      await this.vault.put("items", item.id, item);
      const named = new Set(item.photos.map((photo) => photo.id));
      for (const photo of before?.photos ?? []) if (!named.has(photo.id)) await this.vault.delete("photos", photo.id);
    });
    this.tell();
  }

  /** Throws an item away. What is on its way at this moment may still arrive. */
  async discard(id: string): Promise<void> {
    await this.exclusively(async () => {
      const item = await this.item(id);
      await this.vault.delete("items", id);
      for (const photo of item?.photos ?? []) await this.vault.delete("photos", photo.id);
    });
    this.tell();
  }

  /** Sends an item again at once, as it is or changed. */
  async retry(id: string, changed: Partial<Item> = {}): Promise<void> {
    const item = await this.item(id);
    if (item) await this.keep(again(item, changed, this.now()));
  }

  /** Lets everything that only waits for its time go now. */
  async hurry(): Promise<void> {
    await this.exclusively(async () => {
      for (const item of await this.items()) {
        if (item.state === "waiting" && item.notBefore) await this.vault.put("items", item.id, { ...item, notBefore: 0 });
      }
    });
  }

  /** Sends what can go; returns when nothing more can. A second sender waits for the first, and then finds nothing to do. */
  async run(): Promise<void> {
    const work = async () => {
      this.stopped = "";
      for (;;) {
        const items = await this.items();
        for (const old of faded(items, this.now())) await this.vault.delete("items", old.id);
        const item = nextUp(items, this.now());
        if (!item) return;
        const answer = await send(this.line, item, (photo) => this.photo(photo), (changed) => this.update(changed));
        if (answer.kind === "ended") {
          this.stopped = "ended";
          await this.vault.wipe();
          this.tell();
          return;
        }
        if (answer.kind === "signIn") {
          this.stopped = "signIn";
          this.tell();
          return;
        }
        await this.settle(item.id, answer);
      }
    };
    await (this.locks ? this.locks.request(LOCK, work) : work());
  }

  /** Writes what an answer made of an item, unless the person threw it away or changed it meanwhile. */
  private async settle(id: string, answer: Answer): Promise<void> {
    await this.exclusively(async () => {
      const item = await this.item(id);
      if (!item) return;
      for (const changed of after(await this.items(), item, answer, this.now())) {
        await this.vault.put("items", changed.id, changed);
      }
      if (answer.kind === "done") for (const photo of item.photos) await this.vault.delete("photos", photo.id);
    });
    this.tell();
  }

  private async update(item: Item): Promise<void> {
    await this.exclusively(async () => {
      if (await this.item(item.id)) await this.vault.put("items", item.id, item);
    });
  }

  private exclusively(work: () => Promise<void>): Promise<unknown> {
    return this.locks ? this.locks.request(STORE_LOCK, work) : work();
  }
}

/** Django's token: from the cookie, in pages and in the worker. */
export async function csrf(): Promise<string> {
  if (typeof document !== "undefined") {
    return /(?:^|;\s*)linli_csrf=([^;]*)/.exec(document.cookie)?.[1] ?? "";
  }
  return (await cookieStore.get("linli_csrf"))?.value ?? "";
}

export const line: Line = {
  fetch: (address, init) => fetch(address, { credentials: "same-origin", redirect: "error", ...init }),
  csrf,
};
