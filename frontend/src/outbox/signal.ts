/*
 * A page from the phone looks for the server: at once when the phone says that it is online or somebody comes back to the page, else
 * ever more seldom, and after a quarter of an hour no more. Once the server answers, the page is fetched anew; not from under a
 * finger, and not while somebody is at work in it: then it says that there is something newer, one tap away.
 */
import { typing } from "../behaviours/keys";
import { pause } from "./items";

const LEAVING_MS = 10_000;
const FINGER_MS = 1_000;
const AGAIN_MS = 1_000;
const PATIENCE_MS = 5_000;
const MOST_TRIES = 9;
const TEXTS = "main input:not([type=hidden]):not([type=radio]):not([type=checkbox]):not([type=file]), main textarea";
const ANEW = "linli-anew";

/** What the person at the page is about: `moment` is over in seconds, `work` is not. */
export type Hand = "free" | "moment" | "work";

/** Watches the person's hand: to fetch the page anew would take a press back, or what was typed. */
export function watchHand(root: Document = document, now = () => performance.now()): () => Hand {
  let left = -LEAVING_MS;
  let touched = -FINGER_MS;
  let down = false;
  root.addEventListener("click", (event) => {
    if (!event.defaultPrevented && (event.target as Element).closest("a[href]")) left = now();
  });
  root.addEventListener("pointerdown", () => (down = true));
  for (const name of ["pointerup", "pointercancel"]) {
    root.addEventListener(name, () => {
      down = false;
      touched = now();
    });
  }
  return () => {
    const typed = [...root.querySelectorAll<HTMLInputElement>(TEXTS)].some((one) => one.value !== one.defaultValue);
    if (typed || typing(root.activeElement) || root.querySelector("form[data-outbox-draft], dialog[open]")) return "work";
    const pressing = down || now() - touched < FINGER_MS || now() - left < LEAVING_MS;
    return pressing || root.querySelector("form[data-sending]") ? "moment" : "free";
  };
}

export interface Around {
  /** Whether the server itself answers. */
  ask: () => Promise<boolean>;
  hand: () => Hand;
  /** The server answers, and the page stays. */
  say: () => void;
  anew: () => void;
  hidden: () => boolean;
}

export class Signal {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking = false;
  /** It gave up; a touch is reason enough to ask again. */
  resting = false;

  /** `tries`: how often in succession a page that was fetched anew came from the phone again. */
  constructor(
    private readonly around: Around,
    private tries = 0,
  ) {
    this.later(pause(tries + 1));
  }

  /** Asks now, and then from the beginning ever more seldom. */
  seek(): void {
    this.tries = 0;
    this.later(0);
  }

  private later(ms: number, work = () => this.look()): void {
    this.resting = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void work(), ms);
  }

  private async look(): Promise<void> {
    if (this.asking || this.around.hidden()) return;
    this.asking = true;
    const there = await this.around.ask().catch(() => false);
    this.asking = false;
    if (there) return this.arrive();
    this.tries += 1;
    if (this.tries < MOST_TRIES) this.later(pause(this.tries));
    else this.resting = true;
  }

  private async arrive(): Promise<void> {
    const hand = this.around.hand();
    if (hand === "free") this.around.anew();
    else if (hand === "work") this.around.say();
    else this.later(AGAIN_MS, () => this.arrive());
  }
}

/** The app's manifest: small, the same for everybody, and nothing that a hotel's sign-in page would answer with. */
async function ask(): Promise<boolean> {
  const address = document.querySelector<HTMLLinkElement>("link[rel=manifest]")?.href;
  if (!address) return false;
  const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  return answer.ok && (answer.headers.get("Content-Type") ?? "").startsWith("application/manifest+json");
}

/** The signal of a page from the phone; null for one from the server. `say` is told when the server answers and the page stays. */
export function startSignal(say: () => void, root: Document = document): Signal | null {
  if (!root.documentElement.dataset.keptAt) {
    remember(0);
    return null;
  }
  const before = remembered();
  const hand = watchHand(root);
  const signal = new Signal(
    {
      ask,
      // what waits in the outbox is drawn on the phone: its page is as new as ever
      hand: () => (root.querySelector("[data-outbox-list]") ? "work" : hand()),
      say,
      anew: () => {
        remember(before + 1);
        location.reload();
      },
      hidden: () => root.hidden,
    },
    before,
  );
  root.addEventListener("visibilitychange", () => root.hidden || signal.seek());
  root.addEventListener("pointerdown", () => signal.resting && signal.seek());
  return signal;
}

function remembered(): number {
  try {
    return Number(sessionStorage.getItem(ANEW)) || 0;
  } catch {
    return 0;
  }
}

function remember(times: number): void {
  try {
    if (times) sessionStorage.setItem(ANEW, String(times));
    else sessionStorage.removeItem(ANEW);
  } catch {
    // a browser without a store begins from the start each time
  }
}
