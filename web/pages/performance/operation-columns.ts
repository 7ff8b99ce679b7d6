import { html, nothing } from "lit";
import type { StatisticsWindow } from "../../../schema/rules/operations.ts";
import type { Column } from "../../components/bn-table.ts";
import type { OperationStatistics } from "../../data/operations.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatDuration, formatFigure, formatValue } from "../../lib/format.ts";
import { kindWord, operationHref } from "./filters.ts";

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
    draw: (row) =>
      html`<a class="name" href=${operationHref(row.id, window)}>${foreignText(row.operation)}</a>`,
    compare: (a, b) => a.operation.localeCompare(b.operation),
    isWide: true,
  },
  {
    id: "kind",
    label: "What",
    draw: ({ kind, service }) => (kind === "app" ? foreignText(service) : kindWord(kind)),
    compare: (a, b) => a.kind.localeCompare(b.kind) || a.service.localeCompare(b.service),
  },
  {
    id: "course",
    label: "p95 over time",
    draw: ({ course = [] }) =>
      html`<bn-sparkline
        .points=${course.map(({ at, p95Duration }) => ({ t: at, value: p95Duration }))}
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
        : html`<span class="failed">${formatFigure(errorCount, 0)}</span> ${shareOf(errorCount, callCount)}`,
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
