/*
 * What the phone keeps, sealed: every record by itself with AES-256-GCM, under a key that scripts can use and not read. The key
 * is made when somebody's pages are first opened here, and destroyed first when they leave (docs/explanation/offline.md says
 * what that protects from). A record is bound to its place: moved to another name it does not open.
 */
import { openDB, type DBSchema, type IDBPDatabase } from "idb";

export type Shelf = "items" | "photos" | "pages";
const SHELVES: Shelf[] = ["items", "photos", "pages"];

interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  head: ArrayBuffer;
  bodyIv?: Uint8Array<ArrayBuffer>;
  body?: ArrayBuffer;
}

interface Keeper {
  account: string;
  key: CryptoKey;
}

interface Schema extends DBSchema {
  keeper: { key: string; value: Keeper };
  items: { key: string; value: Sealed };
  photos: { key: string; value: Sealed };
  pages: { key: string; value: Sealed };
}

export interface Kept<T> {
  head: T;
  body?: ArrayBuffer;
}

const fresh = () => crypto.getRandomValues(new Uint8Array(12));

export class Vault {
  private constructor(private readonly db: IDBPDatabase<Schema>) {}

  static async open(name = "linli"): Promise<Vault> {
    const db = await openDB<Schema>(name, 1, {
      upgrade(made) {
        made.createObjectStore("keeper");
        for (const shelf of SHELVES) made.createObjectStore(shelf);
      },
    });
    db.addEventListener("versionchange", () => db.close());
    return new Vault(db);
  }

  /** Whose things are kept here, or "". */
  async owner(): Promise<string> {
    return (await this.db.get("keeper", "now"))?.account ?? "";
  }

  /** Makes the vault this account's. What somebody else left is destroyed; returns whether there was any such thing. */
  async claim(account: string): Promise<boolean> {
    const owner = await this.owner();
    if (owner === account) return false;
    if (owner) await this.wipe();
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const tx = this.db.transaction("keeper", "readwrite");
    // another tab may have been faster: its key stays, or what it has sealed could not be opened any more
    if ((await tx.store.get("now"))?.account !== account) await tx.store.put({ account, key }, "now");
    await tx.done;
    return Boolean(owner);
  }

  /** Destroys the key, then everything else. */
  async wipe(): Promise<void> {
    await this.db.clear("keeper");
    for (const shelf of SHELVES) await this.db.clear(shelf);
  }

  async put<T>(shelf: Shelf, id: string, head: T, body?: ArrayBuffer): Promise<void> {
    const key = await this.key();
    const sealed: Sealed = { iv: fresh(), head: new ArrayBuffer(0) };
    sealed.head = await crypto.subtle.encrypt(
      { name: "AES-GCM", iv: sealed.iv, additionalData: place(shelf, id, "head") },
      key,
      new TextEncoder().encode(JSON.stringify(head)),
    );
    if (body) {
      sealed.bodyIv = fresh();
      sealed.body = await crypto.subtle.encrypt(
        { name: "AES-GCM", iv: sealed.bodyIv, additionalData: place(shelf, id, "body") },
        key,
        body,
      );
    }
    await this.db.put(shelf, sealed, id);
  }

  async get<T>(shelf: Shelf, id: string): Promise<Kept<T> | null> {
    const sealed = await this.db.get(shelf, id);
    return sealed ? this.unseal<T>(shelf, id, sealed) : null;
  }

  /** The heads of everything on a shelf; what does not open any more (the key has changed) is left out. */
  async heads<T>(shelf: Shelf): Promise<T[]> {
    const tx = this.db.transaction(shelf);
    const [ids, rows] = await Promise.all([tx.store.getAllKeys(), tx.store.getAll()]);
    const found: T[] = [];
    for (const [at, id] of ids.entries()) {
      const row = rows[at];
      const kept = row && (await this.unseal<T>(shelf, id, { iv: row.iv, head: row.head }));
      if (kept) found.push(kept.head);
    }
    return found;
  }

  ids(shelf: Shelf): Promise<string[]> {
    return this.db.getAllKeys(shelf);
  }

  async delete(shelf: Shelf, id: string): Promise<void> {
    await this.db.delete(shelf, id);
  }

  close(): void {
    this.db.close();
  }

  private async key(): Promise<CryptoKey> {
    const keeper = await this.db.get("keeper", "now");
    if (!keeper) throw new Error("the vault belongs to nobody");
    return keeper.key;
  }

  private async unseal<T>(shelf: Shelf, id: string, sealed: Sealed): Promise<Kept<T> | null> {
    try {
      const key = await this.key();
      const head = await crypto.subtle.decrypt(
        { name: "AES-GCM", iv: sealed.iv, additionalData: place(shelf, id, "head") },
        key,
        sealed.head,
      );
      const kept: Kept<T> = { head: JSON.parse(new TextDecoder().decode(head)) as T };
      if (sealed.body && sealed.bodyIv) {
        kept.body = await crypto.subtle.decrypt(
          { name: "AES-GCM", iv: sealed.bodyIv, additionalData: place(shelf, id, "body") },
          key,
          sealed.body,
        );
      }
      return kept;
    } catch {
      return null;
    }
  }
}

const place = (shelf: Shelf, id: string, part: string) => new TextEncoder().encode(`${shelf}/${id}/${part}`);
