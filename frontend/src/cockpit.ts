/*
 * The cockpit's page: charts when they come near the window, and what is fetched anew quietly. Without it the page is whole: its
 * tables say what charts and map show.
 */
const FRESH = "linli:fresh";

/** Which of the page's folds stand open, by id. */
export function opened(root: ParentNode): string[] {
  return [...root.querySelectorAll<HTMLDetailsElement>("details[id][open]")].map((one) => one.id);
}

/** Open again what stood open before a part was exchanged. */
export function reopen(root: ParentNode, ids: readonly string[]): void {
  for (const id of ids) root.querySelector<HTMLDetailsElement>(`details[id="${CSS.escape(id)}"]`)?.setAttribute("open", "");
}

function draw(root: ParentNode): void {
  void import("./cockpit/charts").then(({ drawCharts }) => drawCharts(root));
}

function wakeCharts(): void {
  const marks = [...document.querySelectorAll<HTMLElement>("[data-chart]")];
  if (!marks.length) return;
  const watch = new IntersectionObserver(
    (entries) => {
      if (!entries.some((one) => one.isIntersecting)) return;
      watch.disconnect();
      draw(document);
    },
    { rootMargin: "200px" },
  );
  for (const mark of marks) watch.observe(mark);
}

const STEP_MS = 900;

/** Let the hours of a day go by by themselves, once from where the slider stands, from the beginning when it stands at the end. */
export function play(form: HTMLFormElement): void {
  const button = form.querySelector<HTMLButtonElement>("[data-play]");
  const slider = form.querySelector<HTMLInputElement>("input[type=range]");
  if (!button || !slider) return;
  let timer = 0;
  const stop = () => {
    window.clearInterval(timer);
    timer = 0;
    button.setAttribute("aria-pressed", "false");
  };
  const at = (hour: number) => {
    slider.value = String(hour);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const next = () => {
    if (Number(slider.value) >= Number(slider.max)) stop();
    else at(Number(slider.value) + 1);
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    if (timer) {
      stop();
      return;
    }
    if (Number(slider.value) >= Number(slider.max)) at(0);
    button.setAttribute("aria-pressed", "true");
    timer = window.setInterval(next, STEP_MS);
  });
  slider.addEventListener("pointerdown", stop);
}

export function start(): void {
  let open: string[] = [];
  let scrolled: [string, number][] = [];
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.target as HTMLElement;
    if (!part.matches("[data-cockpit]")) return;
    open = opened(part);
    scrolled = [...part.querySelectorAll<HTMLElement>(".table-wrap[id]")].map((one) => [one.id, one.scrollTop]);
  });
  document.body.addEventListener("htmx:load", (event) => {
    const part = event.target as HTMLElement;
    if (!part.matches("[data-cockpit]")) return;
    reopen(part, open);
    for (const [id, top] of scrolled) document.getElementById(id)?.scrollTo({ top });
    for (const chart of part.querySelectorAll<HTMLElement>("[data-chart]")) chart.dataset.chartStill = "";
    draw(part);
    document.dispatchEvent(new CustomEvent(FRESH));
  });
  document.addEventListener("linli:theme", () => draw(document));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(document));
  wakeCharts();
  for (const form of document.querySelectorAll<HTMLFormElement>("[data-day]")) play(form);
}

start();
