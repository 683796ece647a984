import { beforeEach, expect, test } from "vitest";

import { showChange } from "../src/behaviours/change";
import { later, markDone } from "../src/outbox/doors";
import type { Item } from "../src/outbox/items";

const door = (n: number) =>
  `<li data-door><form data-outbox-stay action="/field/dwellings/${n}/do/same"><button>same</button></form><template><span>done</span></template></li>`;

beforeEach(() => {
  document.body.innerHTML = `<div data-doors-progress><span class="num">0 / 2</span><progress max="2" value="0"></progress></div><ul>${door(1)}${door(2)}</ul>`;
});

test("a tap marks its door, counts, and goes on with the next", () => {
  const [first, second] = [...document.querySelectorAll("form")] as HTMLFormElement[];
  first!.querySelector("button")!.focus();
  markDone(first!);
  expect(document.querySelectorAll("[data-done]")).toHaveLength(1);
  expect(document.querySelector(".num")!.textContent).toBe("1 / 2");
  expect(document.activeElement).toBe(second!.querySelector("button"));
  markDone(second!);
  expect(document.querySelector(".num")!.textContent).toBe("2 / 2");
  expect(document.querySelectorAll("button")).toHaveLength(0);
});

test("what waits, and what arrived after the page was made, is not on the page yet", () => {
  const item = (action: string, state: Item["state"], at = 0) => ({ action, state, answer: { href: "", title: "", at } }) as Item;
  const items = [item("/waits", "waiting"), item("/before", "done", 99), item("/after", "done", 101), item("/draft", "draft")];
  expect([...later(items, 100)]).toEqual(["/waits", "/after"]);
});

test("only the fields of the chosen change are shown and sent", () => {
  document.body.innerHTML = `<div data-change><input type="radio" name="change" value="status" checked><input type="radio" name="change" value="phone"><div data-for="status"><select name="status"></select></div><div data-for="moved_in phone"><input name="phone"></div></div>`;
  const box = document.querySelector<HTMLElement>("[data-change]")!;
  showChange(box);
  expect(box.querySelector<HTMLInputElement>('[name="phone"]')!.disabled).toBe(true);
  box.querySelector<HTMLInputElement>('[value="status"]')!.checked = false;
  box.querySelector<HTMLInputElement>('[value="phone"]')!.checked = true;
  showChange(box);
  expect(box.querySelector<HTMLInputElement>('[name="phone"]')!.disabled).toBe(false);
  expect(box.querySelector<HTMLElement>('[data-for="status"]')!.hidden).toBe(true);
});
