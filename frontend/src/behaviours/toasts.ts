/*
 * Toasts say what was done and, for ten seconds, take it back. They come with the page, or in an HX-Trigger header:
 *   {"toast": {"text": "...", "undo": "/address", "fields": {"version": "7"}}}
 * A toast lets what is under it be pressed: only its buttons take the pointer.
 */
import type htmxType from "htmx.org";
import { word } from "./words";

export interface Toast {
  text: string;
  tone?: string;
  undo?: string;
  fields?: Record<string, string>;
}

export const UNDO_MS = 10_000;
const PLAIN_MS = 6_000;

export function csrf(): Record<string, string> {
  const headers = document.body.getAttribute("hx-headers");
  return headers ? (JSON.parse(headers) as Record<string, string>) : {};
}

/** Whether somebody asked for this request; what a page fetches of itself fails without a word. */
function asked(detail: { requestConfig?: { verb: string; triggeringEvent?: Event } }): boolean {
  const config = detail.requestConfig;
  return config?.verb !== "get" || ["submit", "click", "change"].includes(config.triggeringEvent?.type ?? "");
}

function region(): HTMLElement | null {
  return document.getElementById("toasts");
}

/** Starts the clock of one toast; a pointer or the focus on it stops the clock. */
export function arm(toast: HTMLElement): void {
  if (toast.dataset.armed) return;
  toast.dataset.armed = "1";
  const life = toast.querySelector(".toast-undo") ? UNDO_MS : PLAIN_MS;
  let left = life;
  let since = Date.now();
  let timer = window.setTimeout(() => toast.remove(), left);
  const pause = () => {
    window.clearTimeout(timer);
    left -= Date.now() - since;
  };
  const go = () => {
    since = Date.now();
    timer = window.setTimeout(() => toast.remove(), Math.max(left, 1_500));
  };
  toast.addEventListener("mouseenter", pause);
  toast.addEventListener("mouseleave", go);
  toast.addEventListener("focusin", pause);
  toast.addEventListener("focusout", go);
  toast.querySelector(".toast-close")?.addEventListener("click", () => toast.remove());
}

export function show(toast: Toast, post: (url: string, fields: Record<string, string>) => void): HTMLElement | null {
  const home = region();
  if (!home) return null;
  const box = document.createElement("div");
  box.className = "toast";
  const text = document.createElement("span");
  text.className = "toast-text";
  text.textContent = toast.text;
  box.append(text);
  if (toast.undo) {
    const undo = toast.undo;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "toast-undo";
    button.textContent = word("undo");
    button.addEventListener("click", () => {
      box.remove();
      post(undo, toast.fields ?? {});
    });
    const bar = document.createElement("span");
    bar.className = "toast-bar";
    box.append(button, bar);
  }
  home.append(box);
  arm(box);
  return box;
}

export function startToasts(htmx: typeof htmxType): void {
  const post = (url: string, fields: Record<string, string>) => {
    void htmx.ajax("post", url, { target: "#main", swap: "none", values: fields, headers: csrf() });
  };
  for (const toast of document.querySelectorAll<HTMLElement>("#toasts .toast")) arm(toast);
  document.body.addEventListener("toast", (event) => show((event as CustomEvent<Toast>).detail, post));
  document.body.addEventListener("htmx:load", (event) => {
    const fresh = event.target as HTMLElement;
    for (const toast of fresh.querySelectorAll<HTMLElement>(".toast")) arm(toast);
    if (fresh.matches?.(".toast")) arm(fresh);
  });
  document.body.addEventListener("htmx:sendError", (event) => {
    if (asked((event as CustomEvent<Parameters<typeof asked>[0]>).detail)) show({ text: word("no-network") }, post);
  });
  document.body.addEventListener("htmx:responseError", (event) => {
    const status = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr.status;
    show({ text: word(status === 403 || status === 404 ? "not-yours" : "server-error") }, post);
  });
}
