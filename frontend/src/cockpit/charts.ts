/*
 * Charts, drawn from the table that stands under each of them, so that a chart and its table cannot differ:
 *   <div data-chart="trend|bars" data-chart-table="ID" role="img" aria-label="…">
 * The table's first column names the points; every other head with data-series is a series, its cells carry data-value, and
 * data-as="line" draws it as a line, data-as="dash" as a broken one. What has no value is left out of the line.
 */
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

import { palette, type Palette } from "../map/ground";

use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

export interface Series {
  name: string;
  as: string;
  values: (number | null)[];
}
export interface Told {
  points: string[];
  series: Series[];
}

const DAYS_AS_BARS = 40;

/** What a table says, as numbers. */
export function read(table: HTMLTableElement): Told {
  const heads = [...table.querySelectorAll<HTMLElement>("thead th")];
  const rows = [...table.querySelectorAll<HTMLTableRowElement>("tbody tr")];
  const series = heads.flatMap((head, column) =>
    head.dataset.series === undefined
      ? []
      : [
          {
            name: head.textContent?.trim() ?? "",
            as: head.dataset.as ?? "bar",
            values: rows.map((row) => {
              const told = row.cells[column]?.dataset.value ?? "";
              return told === "" ? null : Number(told);
            }),
          },
        ],
  );
  return { points: rows.map((row) => row.cells[0]?.dataset.short ?? row.cells[0]?.textContent?.trim() ?? ""), series };
}

/** The option of a chart, in the page's own colours and size of type. */
export function option(kind: string, told: Told, colours: Palette, size: number, still: boolean, font = "sans-serif"): Record<string, unknown> {
  const text = { color: colours.label, fontSize: size, fontFamily: font };
  const tints = [colours.brand, colours.info, colours.soon, colours.quiet];
  const points = { type: "category", data: told.points, axisLine: { lineStyle: { color: colours.line } }, axisTick: { show: false },
    axisLabel: { ...text, hideOverlap: true } }; // prettier-ignore
  const numbers = { type: "value", minInterval: 1, splitNumber: 3, splitLine: { lineStyle: { color: colours.line, opacity: 0.5 } }, axisLabel: text };
  const across = kind === "bars";
  return {
    animation: !still,
    animationDuration: 150,
    aria: { enabled: false, decal: { show: told.series.length > 1 } },
    grid: { left: 4, right: across ? size * 4 : 12, top: told.series.length > 1 ? size * 2.6 : 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: told.series.length > 1 ? { top: 0, left: 0, textStyle: text, itemGap: 16, icon: "roundRect" } : undefined,
    // written on the canvas: a box of its own would need styles that the policy of the page refuses
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, backgroundColor: colours.surface, borderColor: colours.line, textStyle: { ...text, color: colours.label } },
    xAxis: across ? { ...numbers, show: false } : points,
    yAxis: across ? { ...points, inverse: true, axisLine: { show: false } } : numbers,
    series: told.series.map((one, at) => ({
      name: one.name,
      type: one.as === "bar" ? "bar" : "line",
      data: one.values,
      color: tints[at % tints.length],
      barMaxWidth: across ? size * 1.3 : 18,
      itemStyle: { borderRadius: across ? [0, 3, 3, 0] : [3, 3, 0, 0] },
      lineStyle: { width: 2.5, type: one.as === "dash" ? "dashed" : "solid" },
      symbol: at % 2 ? "rect" : "circle",
      symbolSize: told.points.length > DAYS_AS_BARS ? 0 : 6,
      connectNulls: false,
      label: across ? { show: true, position: "right", ...text } : { show: false },
    })),
  };
}

const drawn = new Map<HTMLElement, EChartsType>();

function draw(element: HTMLElement): void {
  const table = document.getElementById(element.dataset.chartTable ?? "");
  if (!(table instanceof HTMLTableElement)) return;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches || element.dataset.chartStill !== undefined;
  const face = getComputedStyle(element);
  const size = Math.max(12, parseFloat(face.fontSize) * 0.9);
  let chart = drawn.get(element);
  if (!chart) {
    chart = init(element, null, { renderer: "canvas" });
    drawn.set(element, chart);
    new ResizeObserver(() => chart?.resize()).observe(element);
  }
  chart.setOption(option(element.dataset.chart ?? "trend", read(table), palette(), size, still, face.fontFamily), true);
  element.classList.add("is-drawn");
}

/** Draw, or draw anew, every chart of a part of the page; forget those that have gone. */
export function drawCharts(root: ParentNode): void {
  for (const [element, chart] of drawn) {
    if (element.isConnected) continue;
    chart.dispose();
    drawn.delete(element);
  }
  for (const element of root.querySelectorAll<HTMLElement>("[data-chart]")) draw(element);
}
