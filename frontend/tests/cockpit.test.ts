import { describe, expect, it, vi } from "vitest";

import { option, read } from "../src/cockpit/charts";
import { read as areas, steps } from "../src/cockpit/choropleth";
import { opened, play, reopen } from "../src/cockpit";
import { palette } from "../src/map/ground";

const page = (html: string) => {
  document.body.innerHTML = html;
  return document.body;
};

describe("the cockpit draws what its tables say", () => {
  it("a chart has the table's points and numbers, and a gap where nothing is known", () => {
    const table = page(
      `<table><thead><tr><th>Day</th><th data-series data-as="line">Reported</th><th>Remark</th></tr></thead><tbody>
      <tr><th data-short="18">2026-11-18</th><td data-value="7">7</td><td>–</td></tr>
      <tr><th>2026-11-19</th><td data-value="">—</td><td>–</td></tr></tbody></table>`,
    ).querySelector("table")!;
    const told = read(table);
    expect(told).toEqual({ points: ["18", "2026-11-19"], series: [{ name: "Reported", as: "line", values: [7, null] }] });
    const drawn = option("trend", told, palette(), 12, true) as { animation: boolean; series: { type: string; data: unknown }[] };
    expect(drawn.animation).toBe(false);
    expect(drawn.series[0]).toMatchObject({ type: "line", data: [7, null] });
  });

  it("a map has the steps of the rows; a small group has none", () => {
    const rows = areas(
      page(`<table><tr data-path="510107/012" data-level="subdistrict" data-step="4" data-shown="97 %" data-name="玉林街道" data-lng="104.06" data-lat="30.63"><th><a href="/cockpit/510107/012">玉林街道</a></th></tr>
      <tr data-path="510107/013" data-level="subdistrict" data-step="" data-shown="—" data-name="浆洗街街道"><th><a href="#">浆洗街街道</a></th></tr></table>`),
    );
    expect(rows.map((one) => [one.path, one.step, one.at])).toEqual([
      ["510107/012", 4, [104.06, 30.63]],
      ["510107/013", -1, null],
    ]);
    expect(rows[0]!.href).toContain("/cockpit/510107/012");
    expect(steps(rows)).toEqual(["match", ["get", "path"], "510107/012", 4, -1]);
    expect(steps([])).toBe(-1);
  });

  it("a part that is exchanged keeps its folds open", () => {
    const ids = opened(page(`<details id="a" open></details><details id="b"></details>`));
    expect(ids).toEqual(["a"]);
    const fresh = page(`<details id="a"></details><details id="b"></details>`);
    reopen(fresh, [...ids, "gone"]);
    expect(opened(fresh)).toEqual(["a"]);
  });

  it("the hours of a day go by, and stand still at its end or when somebody takes the slider", () => {
    vi.useFakeTimers();
    try {
      const form = page(`<form><input type="range" min="0" max="24" value="24"><button type="button" data-play hidden></button></form>`).querySelector("form")!;
      const slider = form.querySelector("input")!;
      const told: string[] = [];
      slider.addEventListener("input", () => told.push(slider.value));
      play(form);
      const button = form.querySelector("button")!;
      expect(button.hidden).toBe(false);
      button.click();
      expect(told).toEqual(["0"]);
      vi.advanceTimersByTime(2_000);
      expect(told).toEqual(["0", "1", "2"]);
      slider.dispatchEvent(new Event("pointerdown"));
      vi.advanceTimersByTime(5_000);
      expect(told.length).toBe(3);
      button.click();
      vi.advanceTimersByTime(60_000);
      expect(slider.value).toBe("24");
      expect(button.getAttribute("aria-pressed")).toBe("false");
    } finally {
      vi.useRealTimers();
    }
  });
});
