import { beforeEach, expect, test, vi } from "vitest";

import { hears, holdPressed, paced, parse, tell } from "../src/live";

beforeEach(() => {
  document.body.innerHTML = "";
});

test("only messages with a topic count", () => {
  expect(parse('{"topic":"case:1","version":2}')).toEqual({ topic: "case:1", version: 2 });
  expect(parse("{}")).toBeNull();
  expect(parse("nonsense")).toBeNull();
  expect(parse("null")).toBeNull();
});

test("an area hears what lies below it, and not its neighbours", () => {
  expect(hears("area:510107/012", "area:510107/012/003")).toBe(true);
  expect(hears("area:510107/012", "area:510107/0123")).toBe(false);
  expect(hears("area:5101", "area:510107/012/003")).toBe(true);
  expect(hears("area:5101", "area:510701/012")).toBe(false);
  expect(hears("area:510107", "area:5101")).toBe(false);
  expect(hears("case:*", "case:7")).toBe(true);
  expect(hears("case:7 inbox", "inbox")).toBe(true);
  expect(hears("", "inbox")).toBe(false);
});

test("figures are heard of by the areas around, and by all where something may have been missed", () => {
  expect(hears("figures:510107", "figures:510107/012/003")).toBe(true);
  expect(hears("figures:5101", "figures:510107/012/003")).toBe(true);
  expect(hears("figures:510107/012/003", "figures:510107/012/004")).toBe(false);
  expect(hears("figures:510107", "figures:")).toBe(true);
  expect(hears("area:510107", "figures:510107/012")).toBe(false);
});

test("an element with an address is fetched again, unless it already shows that version", () => {
  document.body.innerHTML = '<div data-live="case:1" data-version="3" hx-get="/c/1"></div>';
  const trigger = vi.fn();
  expect(tell({ topic: "case:1", version: 3 }, trigger)).toBe(0);
  expect(tell({ topic: "case:1", version: 4 }, trigger)).toBe(1);
  expect(trigger).toHaveBeenCalledOnce();
});

test("while somebody types in it, an element only says that there is something new", () => {
  document.body.innerHTML = '<div data-live="case:1" hx-get="/c/1"><textarea></textarea></div>';
  document.querySelector("textarea")!.focus();
  const trigger = vi.fn();
  tell({ topic: "case:1" }, trigger);
  tell({ topic: "case:1" }, trigger);
  expect(trigger).not.toHaveBeenCalled();
  const notes = document.querySelectorAll<HTMLButtonElement>(".live-note");
  expect(notes).toHaveLength(1);
  notes[0]!.click();
  expect(trigger).toHaveBeenCalledOnce();
  expect(document.querySelector(".live-note")).toBeNull();
});

test("nothing is exchanged under a finger; it is asked for again when the finger is up", () => {
  vi.useFakeTimers();
  document.body.innerHTML = '<div id="list" data-live="inbox" hx-get="/field/"><a href="#case"><b>row</b></a></div><button>other</button>';
  const list = document.getElementById("list")!;
  const again = vi.fn();
  holdPressed(again);
  const press = (where: string, name: string) => document.querySelector(where)!.dispatchEvent(new Event(name, { bubbles: true }));
  const swaps = (kind = "live") => {
    const detail = { shouldSwap: true, requestConfig: { elt: list, triggeringEvent: new Event(kind) } };
    list.dispatchEvent(new CustomEvent("htmx:beforeSwap", { bubbles: true, detail }));
    return detail.shouldSwap;
  };
  expect(swaps()).toBe(true);
  press("button", "pointerdown");
  expect(swaps()).toBe(true);
  press("b", "pointerdown");
  expect(swaps("submit")).toBe(true); // what the person asked for is what the person waits for
  expect(swaps()).toBe(false);
  press("b", "pointerup");
  expect(swaps()).toBe(false); // the click is still to come
  vi.advanceTimersByTime(400);
  expect(again).toHaveBeenCalledExactlyOnceWith(list);
  expect(swaps()).toBe(true);
  vi.useRealTimers();
});

test("a part with a pace is fetched once in it, and the last change is not left out", () => {
  vi.useFakeTimers();
  try {
    document.body.innerHTML = '<div id="panels" data-live="figures:5101" data-live-pace="10" hx-get="/p"></div>';
    const trigger = vi.fn();
    const again = () => paced(document.getElementById("panels")!, trigger, () => 0.5);
    again();
    again();
    expect(trigger).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2_000);
    expect(trigger).toHaveBeenCalledTimes(1);
    document.body.innerHTML = '<div id="panels" data-live="figures:5101" data-live-pace="10" hx-get="/p"></div>';
    again();
    again();
    vi.advanceTimersByTime(9_900);
    expect(trigger).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(200);
    expect(trigger).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(60_000);
    expect(trigger).toHaveBeenCalledTimes(2);
  } finally {
    vi.useRealTimers();
  }
});
