import { beforeEach, expect, test } from "vitest";

import { startTyped } from "../src/behaviours/typed";

let now = 0;
startTyped(document, () => (now += 1));

beforeEach(() => {
  document.body.innerHTML = `<div id="box" data-keeps-typed><input type="radio" name="one" value="1"><input name="name"></div>`;
});

const box = () => document.getElementById("box")!;
function ask(): object {
  const xhr = {};
  box().dispatchEvent(new CustomEvent("htmx:beforeSend", { bubbles: true, detail: { xhr } }));
  return xhr;
}
function answered(name: string, xhr: object = {}): boolean {
  const detail = { xhr, shouldSwap: true };
  box().dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  return detail.shouldSwap;
}
const choose = () => box().querySelector("[type=radio]")!.dispatchEvent(new Event("change", { bubbles: true }));

test("what was chosen after the question was sent stays; what was chosen before it was part of the question", () => {
  choose();
  const first = ask();
  expect(answered("htmx:beforeSwap", first)).toBe(true);
  const second = ask();
  choose();
  expect(answered("htmx:beforeSwap", second)).toBe(false);
  expect(answered("htmx:beforeSwap", ask())).toBe(true);
});

test("an answer to another question leaves a part in which something is typed", () => {
  expect(answered("htmx:oobBeforeSwap")).toBe(true);
  const name = box().querySelector<HTMLInputElement>("[name=name]")!;
  name.value = "李秀英";
  expect(answered("htmx:oobBeforeSwap")).toBe(false);
  name.value = "";
  name.focus();
  expect(answered("htmx:oobBeforeSwap")).toBe(false);
});
