import { beforeEach, describe, expect, test } from "vitest";
import { countTicks, fill, markCurrent, narrow } from "../src/behaviours/desk";

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

describe("ticked rows", () => {
  test("are counted where the bar says so", () => {
    document.body.innerHTML = `<div id="list"><input class="row-tick" type="checkbox" checked><input class="row-tick" type="checkbox"></div><b data-ticked></b>`;
    expect(countTicks(document)).toBe(1);
    expect(document.querySelector("[data-ticked]")?.textContent).toBe("1");
  });
});

describe("a shared reply", () => {
  test("goes after what is typed, and tells the form", () => {
    document.body.innerHTML = `<textarea id="id_text">Hello </textarea><button data-fill="id_text" data-text="It is done."></button>`;
    let told = 0;
    document.addEventListener("input", () => (told += 1), { once: true });
    fill(document, document.querySelector<HTMLElement>("[data-fill]")!);
    expect(document.querySelector("textarea")?.value).toBe("Hello\nIt is done.");
    expect(told).toBe(1);
  });
});
