import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { restore, save } from "../src/behaviours/drafts";
import { startHere } from "../src/behaviours/here";
import { startKeys, typing } from "../src/behaviours/keys";
import { startMenus } from "../src/behaviours/menus";
import { fit, LONGEST, size } from "../src/behaviours/photos";
import { applyPreference } from "../src/behaviours/preferences";
import { choose } from "../src/behaviours/tabs";
import { show, startToasts, UNDO_MS } from "../src/behaviours/toasts";
import { forgetWords, word } from "../src/behaviours/words";

beforeEach(() => {
  document.body.innerHTML = "";
  forgetWords();
  localStorage.clear();
});

describe("photos are made small", () => {
  test("the longer side is at most 1,600 px and the shape stays", () => {
    expect(fit(4000, 3000)).toEqual([1600, 1200]);
    expect(fit(3000, 4000)).toEqual([1200, 1600]);
  });
  test("a small photo is never enlarged, a sliver never vanishes", () => {
    expect(fit(800, 600)).toEqual([800, 600]);
    expect(fit(20_000, 2)).toEqual([LONGEST, 1]);
  });
  test("sizes are said in round numbers", () => {
    expect(size(312_400)).toBe("312 KB");
    expect(size(2_340_000)).toBe("2.3 MB");
    expect(size(10)).toBe("1 KB");
  });
});

describe("drafts", () => {
  const form = () => {
    document.body.innerHTML = `<form data-draft="report">
      <input name="title"><textarea name="text"></textarea><input type="password" name="secret">
      <input name="code" autocomplete="one-time-code"><input name="private" data-no-draft>
      <input type="radio" name="kind" value="a"><input type="radio" name="kind" value="b"></form>`;
    return document.querySelector("form") as HTMLFormElement;
  };
  const field = (name: string) => document.querySelector<HTMLInputElement>(`[name="${name}"]`)!;

  test("what Aunt Zhou typed comes back after the tab died, and secrets were never kept", () => {
    const first = form();
    field("title").value = "路灯不亮";
    field("secret").value = "hush";
    field("code").value = "123456";
    field("private").value = "mine";
    document.querySelector<HTMLInputElement>('[value="b"]')!.checked = true;
    save(first);
    expect(localStorage.getItem("linli-draft:report")).not.toMatch(/hush|123456|mine/);
    expect(restore(form())).toBe(true);
    expect(field("title").value).toBe("路灯不亮");
    expect(document.querySelector<HTMLInputElement>('[value="b"]')!.checked).toBe(true);
  });
  test("what the server sent wins over the draft", () => {
    const first = form();
    field("title").value = "old";
    save(first);
    const second = form();
    field("title").value = "from the server";
    restore(second);
    expect(field("title").value).toBe("from the server");
  });
  test("a draft is forgotten after a week", () => {
    const first = form();
    field("title").value = "old";
    save(first, localStorage, 0);
    expect(restore(form(), localStorage, 8 * 24 * 3600 * 1000)).toBe(false);
    expect(localStorage.length).toBe(0);
  });
});

describe("toasts", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    document.body.innerHTML = '<div id="toasts"></div>';
  });
  afterEach(() => vi.useRealTimers());

  test("an undo stays for ten seconds and then goes", () => {
    show({ text: "done", undo: "/undo" }, () => {});
    vi.advanceTimersByTime(UNDO_MS - 1);
    expect(document.querySelectorAll(".toast")).toHaveLength(1);
    vi.advanceTimersByTime(2);
    expect(document.querySelectorAll(".toast")).toHaveLength(0);
  });
  test("the clock stands still while the pointer is on it", () => {
    const toast = show({ text: "done", undo: "/undo" }, () => {})!;
    vi.advanceTimersByTime(9_000);
    toast.dispatchEvent(new Event("mouseenter"));
    vi.advanceTimersByTime(60_000);
    expect(document.querySelectorAll(".toast")).toHaveLength(1);
    toast.dispatchEvent(new Event("mouseleave"));
    vi.advanceTimersByTime(2_000);
    expect(document.querySelectorAll(".toast")).toHaveLength(0);
  });
  test("undo posts once, with its fields", () => {
    const post = vi.fn();
    const toast = show({ text: "done", undo: "/undo", fields: { version: "7" } }, post)!;
    toast.querySelector<HTMLButtonElement>(".toast-undo")!.click();
    expect(post).toHaveBeenCalledExactlyOnceWith("/undo", { version: "7" });
    expect(document.querySelectorAll(".toast")).toHaveLength(0);
  });
  test("a request that nobody asked for fails without a word", () => {
    startToasts({} as never);
    const fail = (verb: string, type?: string) =>
      document.body.dispatchEvent(
        new CustomEvent("htmx:sendError", {
          detail: { requestConfig: { verb, triggeringEvent: type && new Event(type) } },
        }),
      );
    fail("get", "input");
    fail("get", "live");
    fail("get");
    expect(document.querySelectorAll(".toast")).toHaveLength(0);
    fail("get", "click");
    fail("post", "load");
    expect(document.querySelectorAll(".toast")).toHaveLength(2);
  });
  test("text is text: nothing in it becomes markup", () => {
    const toast = show({ text: "<img src=x>" }, () => {})!;
    expect(toast.querySelector("img")).toBeNull();
  });
});

describe("preferences", () => {
  test("known values are applied to the page, others are left for the server", () => {
    expect(applyPreference("theme", "dark")).toBe(true);
    expect(document.documentElement.dataset.theme).toBe("dark");
    expect(applyPreference("text", "large")).toBe(true);
    expect(applyPreference("theme", "pink")).toBe(false);
    expect(applyPreference("language", "en")).toBe(false);
  });
});

describe("keys", () => {
  test("j and k walk the rows, and letters stay letters in a field", () => {
    document.body.innerHTML = `<input data-search><ul data-keys>
      <li class="row"><a class="row-link" href="#1">1</a></li><li class="row"><a class="row-link" href="#2">2</a></li></ul>`;
    startKeys();
    const press = (key: string, on: Element = document.body) =>
      on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    press("j");
    expect(document.activeElement?.textContent).toBe("1");
    press("j", document.activeElement!);
    expect(document.activeElement?.textContent).toBe("2");
    press("j", document.activeElement!);
    expect(document.activeElement?.textContent).toBe("2");
    press("k", document.activeElement!);
    expect(document.activeElement?.textContent).toBe("1");
    press("/", document.activeElement!);
    const search = document.querySelector("input")!;
    expect(document.activeElement).toBe(search);
    press("j", search);
    expect(document.activeElement).toBe(search);
    expect(typing(search)).toBe(true);
  });
});

test("a menu closes on Escape and gives the focus back", () => {
  document.body.innerHTML =
    '<details class="menu" open><summary>more</summary><div><button class="menu-item">a</button></div></details>';
  startMenus();
  const item = document.querySelector<HTMLElement>(".menu-item")!;
  item.focus();
  item.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  expect(document.querySelector("details")!.open).toBe(false);
});

test("choosing a tab shows its panel alone", () => {
  document.body.innerHTML = `<div role="tablist"><button role="tab" aria-controls="a">a</button><button role="tab" aria-controls="b" id="t">b</button></div>
    <div id="a"></div><div id="b" hidden></div>`;
  choose(document.getElementById("t")!);
  expect(document.getElementById("a")!.hidden).toBe(true);
  expect(document.getElementById("b")!.hidden).toBe(false);
});

test("words come from the page and fall back to their key", () => {
  document.body.innerHTML = '<script type="application/json" id="linli-words">{"photo-count":"已选 {n} 张"}</script>';
  expect(word("photo-count", { n: 3 })).toBe("已选 3 张");
  expect(word("unknown")).toBe("unknown");
});

describe("where I am", () => {
  test("goes into the form while the map is still on its way", () => {
    document.body.innerHTML = `<input id="lng"><input id="lat"><section data-map="pick" data-lng-input="lng" data-lat-input="lat">
      <span data-map-said></span><button type="button" data-map-here><span>Where I am</span></button></section>`;
    const position = { coords: { longitude: 104.0665432198, latitude: 30.63 } } as GeolocationPosition;
    vi.stubGlobal("navigator", { geolocation: { getCurrentPosition: (found: PositionCallback) => found(position) } });
    const places: unknown[] = [];
    document.addEventListener("linli:place", (event) => places.push((event as CustomEvent).detail.how));
    startHere();
    document.querySelector("[data-map-here] span")?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    vi.unstubAllGlobals();
    const value = (id: string) => (document.getElementById(id) as HTMLInputElement).value;
    expect([value("lng"), value("lat"), places]).toEqual(["104.066543", "30.630000", ["position"]]);
    expect(document.querySelector<HTMLElement>("[data-map]")?.dataset.lng).toBe("104.066543");
  });
});
