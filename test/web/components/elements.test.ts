import { describe, expect, test } from "bun:test";
import { ApiProblem } from "../../../web/data/problem.ts";
import { mount, openDom, shownText } from "../../support/dom.ts";

openDom();
const { BnChart } = await import("../../../web/components/bn-chart.ts");
const { BnError } = await import("../../../web/components/bn-error.ts");
const { BnField } = await import("../../../web/components/bn-field.ts");
const { BnMetricCard } = await import("../../../web/components/bn-metric-card.ts");
const { BnStatus } = await import("../../../web/components/bn-status.ts");
const { BnTable } = await import("../../../web/components/bn-table.ts");
const { BnSparkline, sparklinePath } = await import("../../../web/components/bn-sparkline.ts");

describe("bn-table", () => {
  interface Row {
    name: string;
    size: number;
  }

  const openTable = async () => {
    const table = new BnTable<Row>();
    table.columns = [
      { id: "name", label: "Name", draw: (row) => row.name },
      {
        id: "size",
        label: "Size",
        draw: (row) => row.size,
        compare: (a, b) => a.size - b.size,
        isNumber: true,
      },
    ];
    table.rows = [
      { name: "small", size: 1 },
      { name: "large", size: 9 },
    ];
    table.keyOf = (row) => row.name;
    return mount(table);
  };
  const names = (table: Element) =>
    [...(table.shadowRoot?.querySelectorAll("tbody th") ?? [])].map((cell) => cell.textContent);

  test("sorts by a column at the press of its heading: numbers from the greatest, then turned round", async () => {
    const table = await openTable();
    expect(names(table)).toEqual(["small", "large"]);
    const heading = table.shadowRoot?.querySelector<HTMLButtonElement>(".sort");
    heading?.click();
    await table.updateComplete;
    expect(names(table)).toEqual(["large", "small"]);
    expect(table.shadowRoot?.querySelector("[aria-sort]")?.getAttribute("aria-sort")).toBe("descending");
    heading?.click();
    await table.updateComplete;
    expect(names(table)).toEqual(["small", "large"]);
  });

  test("says which order the reader chose, and takes it back when the page gives another", async () => {
    const table = await openTable();
    const chosen: unknown[] = [];
    table.addEventListener("sort", (event) => chosen.push((event as CustomEvent).detail));
    table.initialSorting = { column: "size", isDescending: false };
    await table.updateComplete;
    table.shadowRoot?.querySelector<HTMLButtonElement>(".sort")?.click();
    await table.updateComplete;
    expect(chosen).toEqual([{ column: "size", isDescending: true }]);
    expect(names(table)).toEqual(["large", "small"]);
    table.initialSorting = { column: "size", isDescending: false };
    await table.updateComplete;
    expect(names(table)).toEqual(["large", "small"]);
    table.initialSorting = { column: "size", isDescending: true };
    await table.updateComplete;
    table.initialSorting = { column: "size", isDescending: false };
    await table.updateComplete;
    expect(names(table)).toEqual(["small", "large"]);
  });

  test("draws of a thousand rows only those in sight, and says how many there are", async () => {
    const table = await openTable();
    table.rows = Array.from({ length: 1_000 }, (_, size) => ({ name: `row ${size}`, size }));
    await table.updateComplete;
    const drawn = names(table);
    expect(drawn.length).toBeLessThan(100);
    expect(drawn[0]).toBe("row 0");
    const scroll = table.shadowRoot?.querySelector<HTMLElement>(".scroll");
    if (!scroll) throw new Error("There is no frame that scrolls.");
    scroll.scrollTop = 24_000;
    scroll.dispatchEvent(new Event("scroll"));
    await table.updateComplete;
    expect(names(table)).toContain("row 500");
    expect(names(table)).not.toContain("row 0");
    const line = [...(table.shadowRoot?.querySelectorAll("tbody tr") ?? [])].find((one) =>
      one.textContent?.includes("row 500"),
    );
    expect(line?.getAttribute("aria-rowindex")).toBe("502");
    expect(table.shadowRoot?.querySelector("table")?.getAttribute("aria-rowcount")).toBe("1001");
    table.rows = table.rows.slice(0, 3);
    await table.updateComplete;
    expect(names(table)).toEqual(["row 0", "row 1", "row 2"]);
  });
});

describe("bn-error", () => {
  test("says what happened, and offers the correlation id and another try", async () => {
    const element = new BnError();
    element.problem = new ApiProblem({
      code: "x",
      status: 500,
      title: "It broke",
      detail: "Try later.",
      correlationId: "c-9",
    });
    element.canRetry = true;
    let tries = 0;
    element.addEventListener("retry", () => {
      tries += 1;
    });
    await mount(element);
    expect(shownText(element)).toContain("It broke");
    expect(element.shadowRoot?.querySelector("code")?.textContent).toBe("c-9");
    element.shadowRoot?.querySelector<HTMLButtonElement>("button.button")?.click();
    expect(tries).toBe(1);
  });
});

describe("bn-field", () => {
  test("names its control, and tells the error in its place", async () => {
    const field = new BnField();
    field.label = "Name";
    field.help = "Letters";
    const input = document.createElement("input");
    field.append(input);
    await mount(field);
    expect(input.getAttribute("aria-label")).toBe("Name");
    expect(input.getAttribute("aria-description")).toBe("Letters");
    field.error = "is taken";
    await field.updateComplete;
    expect(input.getAttribute("aria-invalid")).toBe("true");
    expect(shownText(field)).toContain("is taken");
    expect(shownText(field)).not.toContain("Letters");
  });
});

describe("a form that is not complete", () => {
  const openForm = async () => {
    const form = document.createElement("form");
    form.innerHTML = `<bn-field label="Name"><input name="name" required /></bn-field>
      <bn-field label="Password"><input name="password" required /></bn-field>`;
    document.body.append(form);
    const fields = [...form.querySelectorAll("bn-field")].filter((field) => field instanceof BnField);
    for (const field of fields) await field.updateComplete;
    const refuse = async () => {
      const events = fields.map(() => new Event("invalid", { cancelable: true }));
      for (const [index, field] of fields.entries()) {
        field.querySelector("input")?.dispatchEvent(events[index] ?? new Event("invalid"));
        await field.updateComplete;
      }
      return events;
    };
    const words = () => fields.map((field) => field.shadowRoot?.querySelector(".error")?.textContent);
    return { form, fields, refuse, words };
  };

  test("says so beside each field, in place of the browser's bubble, until it is filled", async () => {
    const { form, fields, refuse, words } = await openForm();
    const events = await refuse();
    expect(events.map(({ defaultPrevented }) => defaultPrevented)).toEqual([true, true]);
    expect(words()).toEqual(["Name must not be empty", "Password must not be empty"]);
    const input = fields[0]?.querySelector("input");
    expect(input?.getAttribute("aria-invalid")).toBe("true");
    if (input) input.value = "ann";
    input?.dispatchEvent(new Event("input", { bubbles: true }));
    await fields[0]?.updateComplete;
    expect(words()).toEqual([undefined, "Password must not be empty"]);
    form.remove();
  });
});

test("bn-status has a shape of its own for every level", async () => {
  const shapes = new Set<string>();
  for (const level of ["calm", "watch", "alarm", "info", "unknown"] as const) {
    const status = new BnStatus();
    status.level = level;
    await mount(status);
    shapes.add(status.shadowRoot?.querySelector("svg")?.innerHTML.replace(/<!--.*?-->/g, "") ?? "");
  }
  expect(shapes.size).toBe(5);
});

test("bn-metric-card holds its place until the figure is known", async () => {
  const card = new BnMetricCard();
  card.label = "CPU";
  await mount(card);
  expect(card.shadowRoot?.querySelector("bn-skeleton")).not.toBeNull();
  card.quantity = { figure: "23.4", suffix: "%" };
  await card.updateComplete;
  expect(card.shadowRoot?.querySelector("bn-skeleton")).toBeNull();
  expect(card.shadowRoot?.querySelector(".value")?.textContent).toBe("23.4");
});

test("a sparkline is broken at gaps", () => {
  const points = [
    { t: 0, value: 0 },
    { t: 50, value: 10 },
    { t: 60, value: null },
    { t: 100, value: 10 },
  ];
  expect(sparklinePath(points, 0, 100, 10)).toBe("M0.0 40.0L100.0 0.0M200.0 0.0");
});

test("a sparkline of one point is a dot, not nothing", async () => {
  const line = new BnSparkline();
  line.points = [{ t: 100, value: 10 }];
  line.toMs = 100;
  await mount(line);
  expect(line.shadowRoot?.querySelector(".line")?.getAttribute("d")).toBe("M200.0 5.2h0");
  expect(line.shadowRoot?.querySelector(".area")?.getAttribute("d")).toBe("");
});

describe("bn-chart", () => {
  const openChart = async () => {
    const chart = new BnChart();
    chart.label = "CPU";
    chart.unit = "percent";
    chart.lines = [
      { key: "user", label: "user" },
      { key: "system", label: "system" },
    ];
    const line = (key: string, avg: (number | null)[]) => ({ key, min: avg, avg, max: avg });
    chart.frame = { t: [0, 5000, 10_000], lines: [line("user", [10, 30, 20]), line("system", [1, null, 3])] };
    chart.window = { fromMs: 0, toMs: 10_000 };
    chart.isReady = true;
    return mount(chart);
  };
  const cells = (chart: Element, row: number) =>
    [...(chart.shadowRoot?.querySelectorAll(`tbody tr:nth-child(${row}) td`) ?? [])].map((cell) =>
      cell.textContent?.trim(),
    );
  const key = (name: string, change: KeyboardEventInit = {}) =>
    new KeyboardEvent("keydown", { key: name, cancelable: true, ...change });
  const surfaceOf = (chart: Element) => chart.shadowRoot?.querySelector(".plot");

  test("the legend tells last, least, mean and greatest of each line", async () => {
    const chart = await openChart();
    expect(cells(chart, 1)).toEqual(["20.0 %", "10.0", "20.0", "30.0"]);
    expect(cells(chart, 2)).toEqual(["3.0 %", "1.0", "2.0", "3.0"]);
  });

  test("a line is hidden and shown by its name", async () => {
    const chart = await openChart();
    const toggle = chart.shadowRoot?.querySelector<HTMLButtonElement>(".toggle");
    toggle?.click();
    await chart.updateComplete;
    expect(toggle?.getAttribute("aria-pressed")).toBe("false");
  });

  test("keys zoom, pan and go back", async () => {
    const chart = await openChart();
    const heard: unknown[] = [];
    chart.addEventListener("zoom", (event) =>
      heard.push(event instanceof CustomEvent ? event.detail : undefined),
    );
    chart.addEventListener("zoom-back", () => heard.push("back"));
    surfaceOf(chart)?.dispatchEvent(key("ArrowLeft", { shiftKey: true }));
    surfaceOf(chart)?.dispatchEvent(key("-"));
    surfaceOf(chart)?.dispatchEvent(key("Escape"));
    surfaceOf(chart)?.dispatchEvent(key("x"));
    expect(heard).toEqual([{ fromMs: -2500, toMs: 7500 }, { fromMs: -5000, toMs: 15_000 }, "back"]);
  });

  test("it tells its content to those who cannot see it", async () => {
    const chart = await openChart();
    const summary = chart.shadowRoot?.querySelector("#summary")?.textContent?.replaceAll("\u00a0", " ");
    expect(summary).toContain("user: now 20.0 %, between 10.0 % and 30.0 %.");
    expect(surfaceOf(chart)?.getAttribute("aria-describedby")).toBe("summary");
  });

  test("an answer without samples says so; before an answer nothing is claimed", async () => {
    const chart = await openChart();
    chart.frame = { t: [], lines: [] };
    await chart.updateComplete;
    expect(shownText(chart)).toContain("No samples in this time");
    chart.isReady = false;
    await chart.updateComplete;
    expect(shownText(chart)).not.toContain("No samples in this time");
  });
});
