/*
 * What changes elsewhere shows without reload. The live process sends server-sent events whose data is JSON:
 *   {"topic": "case:0193…", "version": 8}
 * An element says what it listens to: data-live="case:0193… inbox". With hx-get it is fetched again (htmx event `live`);
 * while somebody types in it, or when it has no address, it only says quietly that there is something new.
 */
import type htmxType from "htmx.org";
import { typing } from "./behaviours/keys";
import { word } from "./behaviours/words";

export interface LiveMessage {
  topic: string;
  version?: number;
}

export function parse(data: string): LiveMessage | null {
  try {
    const message = JSON.parse(data) as LiveMessage;
    return typeof message?.topic === "string" ? message : null;
  } catch {
    return null;
  }
}

const CITY = 4;

/** Whether an area lies in another (kernel/db.py `within`): a city's code begins those of its districts. */
export function within(path: string, top: string): boolean {
  return path === top || path.startsWith(`${top}/`) || (top.length <= CITY && path.startsWith(top));
}

/** `case:*` hears every case; a topic hears itself, areas and their figures everything below, and `figures:` alone is for all figures. */
export function hears(topics: string, topic: string): boolean {
  return topics
    .split(/\s+/)
    .filter(Boolean)
    .some((wanted) => {
      if (wanted.endsWith("*")) return topic.startsWith(wanted.slice(0, -1));
      const [kind = "", path = ""] = wanted.split(":");
      if (kind !== "area" && kind !== "figures") return wanted === topic;
      return topic.startsWith(`${kind}:`) && (topic === "figures:" || within(topic.slice(kind.length + 1), path));
    });
}

const paces = new Map<string, { next: number; waiting: boolean }>();

/** Longer than the server gives out what it has drawn (cockpit/sharing.py), so that no answer is older than the change. */
const SETTLE_MS = 1_000;

/**
 * A part that many look at says how often it may be fetched (data-live-pace, seconds; it needs an id). The first change within a
 * pace is fetched after a moment of chance, so that a thousand screens do not ask at once; the last is never left out.
 */
export function paced(element: HTMLElement, trigger: (element: HTMLElement) => void, chance: () => number = Math.random): void {
  const pace = Number(element.dataset.livePace ?? 0) * 1000;
  const { id } = element;
  if (!pace || !id) {
    trigger(element);
    return;
  }
  const found = paces.get(id) ?? { next: 0, waiting: false };
  paces.set(id, found);
  if (found.waiting) return;
  found.waiting = true;
  const now = Date.now();
  const at = Math.max(found.next, now + SETTLE_MS + chance() * pace * 0.2);
  window.setTimeout(() => {
    found.waiting = false;
    found.next = Date.now() + pace;
    const there = document.getElementById(id); // it may have been exchanged meanwhile
    if (there) trigger(there);
  }, at - now);
}

function quietly(element: HTMLElement, again: () => void): void {
  if (element.querySelector(":scope > .live-note")) return;
  const note = document.createElement("button");
  note.type = "button";
  note.className = "live-note chip";
  note.textContent = word("updated");
  note.addEventListener("click", () => {
    note.remove();
    again();
  });
  element.prepend(note);
}

export function tell(message: LiveMessage, trigger: (element: HTMLElement) => void, root: ParentNode = document): number {
  let told = 0;
  for (const element of root.querySelectorAll<HTMLElement>("[data-live]")) {
    if (!hears(element.dataset.live ?? "", message.topic)) continue;
    if (message.version !== undefined && Number(element.dataset.version ?? -1) >= message.version) continue;
    told += 1;
    const busy = typing(document.activeElement) && element.contains(document.activeElement);
    if (element.hasAttribute("hx-get") && !busy) paced(element, trigger);
    else quietly(element, () => (element.hasAttribute("hx-get") ? trigger(element) : location.reload()));
  }
  return told;
}

interface Swap {
  shouldSwap: boolean;
  requestConfig: { elt: HTMLElement; triggeringEvent?: Event };
}

const CLICK_MS = 300;

/**
 * Nothing is exchanged under a finger: between its coming down and its click, what goes takes the press along. Such an answer is
 * left out and asked for again when the finger is up.
 */
export function holdPressed(again: (element: HTMLElement) => void, root: Document = document): void {
  let pressed: Node | null = null;
  let release = 0;
  const held = new Set<HTMLElement>();
  root.addEventListener("pointerdown", (event) => {
    window.clearTimeout(release);
    pressed = event.target as Node;
  });
  for (const name of ["pointerup", "pointercancel"]) {
    root.addEventListener(name, () => {
      window.clearTimeout(release);
      release = window.setTimeout(() => {
        pressed = null;
        const waiting = [...held];
        held.clear();
        for (const element of waiting) if (element.isConnected) again(element);
      }, CLICK_MS);
    });
  }
  root.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = event as CustomEvent<Swap>;
    const { elt, triggeringEvent } = detail.requestConfig;
    if (triggeringEvent?.type !== "live" || !(event.target as Node).contains(pressed)) return;
    detail.shouldSwap = false;
    held.add(elt);
  });
}

const HIDDEN_MS = 60_000;
const RENEW_MS = 5_000;

export function startLive(address: string, htmx: typeof htmxType): void {
  holdPressed((element) => htmx.trigger(element, "live"));
  const waiting = new Map<string, LiveMessage>();
  let timer = 0;
  const flush = () => {
    for (const message of waiting.values()) tell(message, (element) => htmx.trigger(element, "live"));
    waiting.clear();
    timer = 0;
  };
  const receive = (event: MessageEvent<string>) => {
    const message = parse(event.data);
    if (!message) return;
    waiting.set(message.topic, message); // a burst on one topic is one refresh
    timer ||= window.setTimeout(flush, 250);
  };

  let source: EventSource | null = null;
  const open = () => {
    if (source) return;
    source = new EventSource(address, { withCredentials: true });
    source.onmessage = receive;
    source.onopen = () => document.documentElement.setAttribute("data-live-state", "on");
    source.onerror = () => {
      document.documentElement.setAttribute("data-live-state", "off");
      // The browser tries again by itself, but gives up when it is refused: the token of this page has run out.
      if (source?.readyState === EventSource.CLOSED) {
        close();
        window.setTimeout(() => void renew(), RENEW_MS);
      }
    };
  };
  const renew = async () => {
    if (source || document.hidden) return;
    const answer = await fetch("/api/v1/live/token").catch(() => null);
    const found = answer?.ok ? ((await answer.json()) as { address: string }).address : "";
    if (!found) return;
    address = found;
    open();
  };
  const close = () => {
    source?.close();
    source = null;
  };
  let hide = 0;
  document.addEventListener("visibilitychange", () => {
    window.clearTimeout(hide);
    if (document.hidden) hide = window.setTimeout(close, HIDDEN_MS);
    else if (!source) {
      open();
      // what was missed while away
      for (const element of document.querySelectorAll<HTMLElement>("[data-live][hx-get]")) htmx.trigger(element, "live");
    }
  });
  window.addEventListener("pagehide", close);
  open();
}
