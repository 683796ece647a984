/*
 * The field app's own island: the vault, the outbox, the pages for a dead zone, the walking order. Needs a secure context (the
 * browser has no cryptography and no service worker without); elsewhere every form simply posts itself.
 */
import { word } from "./behaviours/words";
import { startDoors } from "./outbox/doors";
import { sayBack, sayKept, startFace } from "./outbox/face";
import { Forms } from "./outbox/forms";
import { wakeIn } from "./outbox/items";
import { line, Outbox } from "./outbox/outbox";
import { syncPages, type Sync } from "./outbox/pages";
import { startWalk } from "./outbox/route";
import { startSignal } from "./outbox/signal";
import { Vault } from "./outbox/vault";

const SYNC_MS = 300_000;
const UNWHOLE_MS = 20_000;
const SAID = "linli-said";
const TAG = "linli-outbox";

interface Later {
  register(tag: string): Promise<void>;
}

const meta = (name: string) => document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";

function toast(text: string): void {
  document.body.dispatchEvent(new CustomEvent("toast", { detail: { text } }));
}

async function start(): Promise<void> {
  sayKept();
  startWalk();
  const account = meta("linli-account");
  if (!window.isSecureContext || !("indexedDB" in window) || !account) return;
  // from the first moment on: the signal may be back before everything here has begun
  let back = (): void => undefined;
  const signal = startSignal(() => {
    sayBack();
    back();
  });
  window.addEventListener("online", () => {
    back();
    signal?.seek();
  });
  const vault = await Vault.open();
  await vault.claim(account);
  const outbox = new Outbox(vault, line);

  let timer = 0;
  let working: Promise<void> | null = null;
  const send = (): void => {
    if (working || !navigator.onLine) return;
    working = outbox
      .run()
      .catch(() => undefined)
      .then(async () => {
        working = null;
        if (outbox.stopped === "ended") return location.assign("/sign-in");
        if (outbox.stopped === "signIn") return toast(word("outbox-sign-in"));
        const ms = wakeIn(await outbox.items(), Date.now());
        window.clearTimeout(timer);
        if (ms !== null) timer = window.setTimeout(send, ms);
      });
  };
  const go = (address: string): void => {
    const here = location.pathname + location.search;
    if (address === here) location.reload();
    else location.assign(address);
  };
  const say = (text: string): void => {
    try {
      sessionStorage.setItem(SAID, text);
    } catch {
      toast(text);
    }
  };
  const said = sessionStorage.getItem(SAID);
  if (said) {
    sessionStorage.removeItem(SAID);
    toast(said);
  }
  const worker = meta("linli-worker");
  const registered =
    "serviceWorker" in navigator && worker
      ? navigator.serviceWorker.register(worker, { scope: "/field/" }).catch(() => null)
      : Promise.resolve(null);
  startFace(outbox, send);
  // where the browser has it, it sends when the phone is back, with the tab gone
  outbox.heard(() => {
    void registered
      .then((one) => (one as (ServiceWorkerRegistration & { sync?: Later }) | null)?.sync?.register(TAG))
      .catch(() => undefined);
  });
  await startDoors(outbox);
  await new Forms(outbox, { go, say }).start();
  signOut(vault, outbox);

  let synced = 0;
  const sync = async (): Promise<void> => {
    if (!navigator.onLine || Date.now() - synced < SYNC_MS) return;
    synced = Date.now();
    const answer = await fetch("/field/sync", { headers: { Accept: "application/json" } }).catch(() => null);
    const told = (await answer?.json().catch(() => null)) as { linli?: Sync & { code?: string } } | null;
    if (told?.linli?.code === "session.ended") {
      await vault.wipe();
      vault.close();
      location.assign("/sign-in");
      return;
    }
    if (!answer?.ok || told?.linli?.account !== account) return;
    const { whole } = await syncPages(vault, told.linli, (address) => fetch(address, { headers: { "X-Linli-Sync": "1" } }));
    if (whole) document.documentElement.dataset.synced = "1";
    else {
      synced = Date.now() - SYNC_MS;
      window.setTimeout(() => void sync().catch(() => undefined), UNWHOLE_MS);
    }
  };
  // a vault that was wiped meanwhile answers no more, and need not
  back = () => {
    outbox.hurry().then(send).catch(() => undefined);
    sync().catch(() => undefined);
  };
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) back();
  });
  back();
}

/** Signing out takes everything along; what has not arrived would be lost, so it asks. */
function signOut(vault: Vault, outbox: Outbox): void {
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target as HTMLFormElement;
      if (new URL(form.action, location.href).pathname !== "/sign-out" || form.dataset.wiped) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      void outbox.items().then(async (items) => {
        const open = items.filter((item) => item.state !== "done").length;
        if (open && !confirm(word("outbox-lose", { n: open }))) return;
        form.dataset.wiped = "1";
        await vault.wipe();
        vault.close(); // nothing may be half written when the browser clears what is left
        form.submit();
      });
    },
    { capture: true },
  );
}

void start();
