import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { sayBack } from "../src/outbox/face";
import { Signal, watchHand, type Hand } from "../src/outbox/signal";

let hand: Hand = "free";
let there = false;
const ask = vi.fn(async () => there);
const [say, anew] = [vi.fn(), vi.fn()];
let hidden = false;
const around = { ask, hand: () => hand, say, anew, hidden: () => hidden };

beforeEach(() => {
  vi.useFakeTimers();
  [hand, there, hidden] = ["free", false, false];
  for (const one of [ask, say, anew]) one.mockClear();
});
afterEach(() => {
  vi.useRealTimers();
  delete document.documentElement.dataset.keptAt;
  document.body.innerHTML = "";
});
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test("a page from the phone asks ever more seldom, and no more after a quarter of an hour", async () => {
  const signal = new Signal(around);
  await pass(2_500);
  expect(ask).toHaveBeenCalledTimes(1);
  await pass(2_500 + 5_000);
  expect(ask).toHaveBeenCalledTimes(3);
  await pass(3_600_000);
  expect(ask).toHaveBeenCalledTimes(9);
  expect(signal.resting).toBe(true);
  there = true;
  signal.seek();
  await pass(0);
  expect(anew).toHaveBeenCalledOnce();
});

test("one that was fetched anew in vain takes its time", async () => {
  new Signal(around, 3);
  await pass(15_000);
  expect(ask).not.toHaveBeenCalled();
  await pass(5_000);
  expect(ask).toHaveBeenCalledOnce();
});

test("what is hidden asks nothing, and asks when it is looked at again", async () => {
  hidden = true;
  const signal = new Signal(around);
  await pass(60_000);
  expect(ask).not.toHaveBeenCalled();
  [hidden, there] = [false, true];
  signal.seek();
  await pass(0);
  expect(anew).toHaveBeenCalledOnce();
});

test("a line that breaks while it asks is none", async () => {
  ask.mockRejectedValueOnce(new TypeError("no network"));
  there = true;
  new Signal(around);
  await pass(2_500);
  expect(anew).not.toHaveBeenCalled();
  await pass(2_500);
  expect(anew).toHaveBeenCalledOnce();
});

test("not from under a finger, and not while somebody is at work", async () => {
  [there, hand] = [true, "moment"];
  new Signal(around);
  await pass(5_000);
  expect(anew).not.toHaveBeenCalled();
  hand = "free";
  await pass(1_000);
  expect(anew).toHaveBeenCalledOnce();
  expect(ask).toHaveBeenCalledOnce();

  hand = "work";
  new Signal(around);
  await pass(60_000);
  expect(say).toHaveBeenCalledOnce();
  expect(anew).toHaveBeenCalledOnce();
});

test("a hand is free, in the middle of a press, or at work", () => {
  document.body.innerHTML =
    '<main><a href="#case"><b>case</b></a><input type="hidden" value="1"><input name="q" value="lamp"><form><textarea></textarea></form></main>';
  let now = 1_000_000;
  const look = watchHand(document, () => now);
  const part = (name: string) => document.querySelector<HTMLElement>(name)!;
  const press = (name: string) => part("b").dispatchEvent(new Event(name, { bubbles: true }));
  expect(look()).toBe("free");
  press("pointerdown");
  now += 60_000;
  expect(look()).toBe("moment");
  press("pointerup");
  expect(look()).toBe("moment");
  now += 2_000;
  expect(look()).toBe("free");
  part("b").click();
  now += 2_000;
  expect(look()).toBe("moment");
  now += 9_000; // it led nowhere
  expect(look()).toBe("free");
  part("form").dataset.sending = "1";
  expect(look()).toBe("moment");
  delete part("form").dataset.sending;
  part("textarea").focus();
  expect(look()).toBe("work");
  part("textarea").blur();
  expect(look()).toBe("free");
  document.querySelector("textarea")!.value = "亮了";
  expect(look()).toBe("work");
  document.querySelector("textarea")!.value = "";
  document.querySelector<HTMLInputElement>("[name=q]")!.value = "lift";
  expect(look()).toBe("work");
  document.querySelector<HTMLInputElement>("[name=q]")!.value = "lamp";
  part("form").setAttribute("data-outbox-draft", "");
  expect(look()).toBe("work");
});

test("a page that stays says that the signal is back, the outbox is as new as ever", () => {
  document.documentElement.dataset.keptAt = "2026-10-09T02:00:00Z";
  document.documentElement.lang = "zh-Hans";
  const note = '<p data-kept-note><span></span><a data-kept-anew href="" hidden>new</a></p>';
  document.body.innerHTML = note;
  sayBack();
  expect(document.querySelector("[data-kept-note] span")?.textContent).toContain("kept-back");
  expect(document.querySelector<HTMLElement>("[data-kept-anew]")!.hidden).toBe(false);
  document.body.innerHTML = `${note}<section data-outbox-list></section>`;
  sayBack();
  expect(document.querySelector<HTMLElement>("[data-kept-note]")!.hidden).toBe(true);
  expect(document.documentElement.dataset.keptAt).toBeUndefined();
});
