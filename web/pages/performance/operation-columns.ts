import { html, nothing } from "lit";
import type { StatisticsWindow } from "../../../schema/rules/operations.ts";
import type { Point } from "../../components/bn-sparkline.ts";
import type { Column } from "../../components/bn-table.ts";
import type { OperationStatistics } from "../../data/operations.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatDuration, formatFigure, formatValue } from "../../lib/format.ts";
import { kindWord, operationHref, storedWidthMs } from "./filters.ts";

/** The service of what is counted together, for there are too many names. */
const OWN = "binnacle";

type Figure = "p50Duration" | "p95Duration" | "p99Duration" | "averageDuration" | "totalDuration";

const duration = (
  id: string,
  label: string,
  figure: Figure,
  isSecondary = false,
): Column<OperationStatistics> => ({
  id,
  label,
  draw: (row) => formatDuration(row[figure]),
  compare: (a, b) => a[figure] - b[figure],
  isNumber: true,
  isSecondary,
});

/** The table of operations over [fromMs, toMs). */
export const operationColumns = (
  window: StatisticsWindow,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): readonly Column<OperationStatistics>[] => [
  {
    id: "operation",
    label: "Operation",
    draw: (row) => html`<a href=${operationHref(row.id, window)}>${foreignText(row.operation)}</a>`,
    compare: (a, b) => a.operation.localeCompare(b.operation),
    isWide: true,
  },
  {
    id: "kind",
    label: "What",
    draw: ({ kind, service }) => (kind === "app" && service !== OWN ? foreignText(service) : kindWord(kind)),
    compare: (a, b) => a.kind.localeCompare(b.kind) || a.service.localeCompare(b.service),
  },
  {
    id: "course",
    label: "p95 over time",
    draw: ({ course = [] }) =>
      html`<bn-sparkline
        .points=${stepsOf(course, storedWidthMs(window), toMs)}
        style="width: 96px; height: 24px"
        .fromMs=${fromMs}
        .toMs=${toMs}
      ></bn-sparkline>`,
    isSecondary: true,
  },
  {
    id: "calls",
    label: "Calls",
    draw: ({ callCount }) => formatFigure(callCount, 0),
    compare: (a, b) => a.callCount - b.callCount,
    isNumber: true,
  },
  {
    id: "rate",
    label: "Rate",
    draw: ({ throughput }) => formatValue(throughput, "per_second"),
    compare: (a, b) => a.throughput - b.throughput,
    isNumber: true,
    isSecondary: true,
  },
  {
    id: "errors",
    label: "Errors",
    draw: ({ errorCount, callCount }) =>
      errorCount === 0
        ? html`<span class="faint">0</span>`
        : html`<span style="color: var(--alarm); font-weight: 600">${formatFigure(errorCount, 0)}</span> ${shareOf(errorCount, callCount)}`,
    compare: (a, b) => a.errorCount - b.errorCount,
    isNumber: true,
  },
  duration("p50", "p50", "p50Duration"),
  duration("p95", "p95", "p95Duration"),
  duration("p99", "p99", "p99Duration"),
  duration("average", "Average", "averageDuration", true),
  duration("total", "Total", "totalDuration", true),
  {
    id: "seen",
    label: "Last seen",
    draw: ({ lastSeenAt }) => html`<bn-time .at=${lastSeenAt}></bn-time>`,
    compare: (a, b) => Date.parse(a.lastSeenAt) - Date.parse(b.lastSeenAt),
    isNumber: true,
    isSecondary: true,
  },
];

const shareOf = (part: number, whole: number): unknown =>
  whole === 0 ? nothing : html`<span class="faint">${formatValue((100 * part) / whole, "percent")}</span>`;

/** Steps as wide as the stored windows, so that a single one can be seen; a gap where nothing ran. */
function stepsOf(course: NonNullable<OperationStatistics["course"]>, widthMs: number, toMs: number): Point[] {
  return course.flatMap(({ at, p95Duration: value }, place) => {
    const end = Math.min(toMs, at + widthMs) - 1;
    const step: Point[] = [
      { t: at, value },
      { t: end, value },
    ];
    return course[place + 1]?.at === at + widthMs ? step : [...step, { t: end, value: null }];
  });
}
