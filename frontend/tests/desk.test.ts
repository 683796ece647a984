import { beforeEach, describe, expect, test } from "vitest";
import { markCurrent, narrow } from "../src/behaviours/desk";

const PICKER = `
<fieldset data-picker>
  <div data-group><p>Lights</p><label data-words="路灯不亮 lamp">Street lamp</label></div>
  <div data-group><p>Waste</p><label data-words="垃圾 rubbish">Rubbish</label><label data-words="垃圾桶 bin">Bin</label></div>
  <p data-none hidden>nothing</p>
</fieldset>`;

const shown = () => [...document.querySelectorAll<HTMLElement>("[data-words]")].filter((one) => !one.hidden).map((one) => one.textContent);

describe("a picker", () => {
  beforeEach(() => (document.body.innerHTML = PICKER));

  test("keeps what has all the words, in either language", () => {
    expect(narrow(document, "路灯")).toBe(1);
    expect(shown()).toEqual(["Street lamp"]);
    expect(narrow(document, "BIN")).toBe(1);
    expect(shown()).toEqual(["Bin"]);
    expect(narrow(document, "垃圾 bin")).toBe(1);
  });

  test("hides a group without any, and says when nothing fits", () => {
    narrow(document, "路灯");
    expect([...document.querySelectorAll<HTMLElement>("[data-group]")].map((group) => group.hidden)).toEqual([false, true]);
    expect(narrow(document, "zzz")).toBe(0);
    expect(document.querySelector<HTMLElement>("[data-none]")?.hidden).toBe(false);
  });

  test("shows everything again without words", () => {
    narrow(document, "zzz");
    expect(narrow(document, " ")).toBe(3);
    expect(document.querySelector<HTMLElement>("[data-none]")?.hidden).toBe(true);
  });
});

test("the row of the case in the address is marked, and no other", () => {
  document.body.innerHTML = `<section id="list"><a class="row-link" href="/desk/case/1?view=open" aria-current="true">1</a>
    <a class="row-link" href="/desk/case/2?view=open">2</a></section>`;
  markCurrent(document, "/desk/case/2");
  expect([...document.querySelectorAll(".row-link")].map((row) => row.getAttribute("aria-current"))).toEqual([null, "true"]);
});
