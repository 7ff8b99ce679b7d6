import uPlot from "uplot";
import type { Unit } from "../data/types.ts";
import type { Frame } from "../lib/frame.ts";
import type { TimeWindow } from "../lib/time-range.ts";
import { viewerZone } from "../lib/viewer.ts";
import { timeLabels, type ValueAxis, valueAxis, valueLabels } from "./chart-axis.ts";
import { type ChartPalette, PALETTE_SIZE } from "./chart-palette.ts";

const LINE_WIDTH = 1.5;
const HAIRLINE = 1;
const DRAG_DISTANCE_PX = 6;
const RIGHT_PADDING_PX = 16;
const LABEL_CHARACTER_PX = 6.2;
/** uPlot series per drawn line: greatest, least, mean. */
const SERIES_PER_LINE = 3;

export interface ChartLine {
  key: string;
  label: string;
  /** Position in the colour order, from 0; by default the line's own position. */
  colour?: number;
}

/** What is drawn beside the lines. */
export interface ChartMarks {
  /** Values at which something happens. */
  limits: readonly number[];
  /** Spans of time in which something was so; shaded. */
  spans: readonly TimeWindow[];
}

export const NO_MARKS: ChartMarks = { limits: [], spans: [] };

/** What the options ask the element at drawing time, so that changes need no new plot. */
export interface ChartSource {
  lines: readonly ChartLine[];
  unit: Unit;
  syncKey: string;
  window(): TimeWindow;
  marks(): ChartMarks;
  palette(): ChartPalette;
  isHidden(key: string): boolean;
  onCursor(index: number | null): void;
  onSelect(window: TimeWindow): void;
  onZoomBack(): void;
}

export function colourIndex(line: ChartLine, position: number): number {
  return (line.colour ?? position) % PALETTE_SIZE;
}

/** The plot's data: time, then per line its band edges and its mean. */
export function alignedData(frame: Frame, lines: readonly ChartLine[]): uPlot.AlignedData {
  const byKey = new Map(frame.lines.map((line) => [line.key, line]));
  const columns = lines.flatMap((line) => {
    const values = byKey.get(line.key);
    return values === undefined ? [[], [], []] : [values.max, values.min, values.avg];
  });
  return [frame.t, ...columns];
}

/** Which uPlot series belong to line `position`. */
export function seriesOfLine(position: number): number[] {
  const first = 1 + position * SERIES_PER_LINE;
  return [first, first + 1, first + 2];
}

/** Builds the uPlot options for a size in CSS pixels. */
export function chartOptions(source: ChartSource, width: number, height: number): uPlot.Options {
  let axis: ValueAxis = valueAxis(source.unit, null, null);
  let isEmpty = true;
  return {
    width,
    height,
    ms: 1,
    tzDate: zonedDate,
    padding: [10, RIGHT_PADDING_PX, 0, 0],
    legend: { show: false },
    scales: {
      x: {
        time: true,
        range: () => {
          const { fromMs, toMs } = source.window();
          return [fromMs, toMs];
        },
      },
      y: {
        range: (_plot, min, max) => {
          isEmpty = min === null || min === undefined;
          const { limits } = source.marks();
          axis = isEmpty
            ? valueAxis(source.unit, null, null)
            : valueAxis(source.unit, Math.min(min, ...limits), Math.max(max, ...limits));
          return [axis.bottom, axis.top];
        },
      },
    },
    axes: [
      timeAxis(source),
      verticalAxis(
        source,
        () => axis,
        () => isEmpty,
      ),
    ],
    series: [{}, ...source.lines.flatMap((line, position) => lineSeries(source, line, position))],
    bands: source.lines.map((line, position) => {
      const [max = 0, min = 0] = seriesOfLine(position);
      return { series: [max, min], fill: () => source.palette().band[colourIndex(line, position)] ?? "" };
    }),
    cursor: cursorOptions(source),
    hooks: {
      drawClear: [(plot) => shadeSpans(plot, source)],
      draw: [(plot) => drawLimits(plot, source)],
      setCursor: [(plot) => source.onCursor(plot.cursor.idx ?? null)],
      setSelect: [(plot) => announceSelection(plot, source)],
    },
  };
}

/** Ticks stand at the hours and days of the viewer's zone. */
function zonedDate(atMs: number): Date {
  const zone = viewerZone();
  return zone === undefined ? new Date(atMs) : uPlot.tzDate(new Date(atMs), zone);
}

function timeAxis(source: ChartSource): uPlot.Axis {
  return {
    stroke: () => source.palette().label,
    font: source.palette().font,
    size: 26,
    space: 64,
    gap: 6,
    grid: { show: false },
    ticks: { show: false },
    values: (plot, ticks, _axis, _space, stepMs) => {
      const edge = plot.bbox.width / uPlot.pxRatio + RIGHT_PADDING_PX;
      // A label that the right edge would cut is left out.
      return timeLabels(ticks, stepMs).map((label, index) =>
        plot.valToPos(ticks[index] ?? 0, "x") + (label.length * LABEL_CHARACTER_PX) / 2 > edge ? "" : label,
      );
    },
  };
}

function verticalAxis(source: ChartSource, axis: () => ValueAxis, isEmpty: () => boolean): uPlot.Axis {
  return {
    stroke: () => source.palette().label,
    font: source.palette().font,
    size: (_plot, labels) =>
      Math.max(36, ...(labels ?? []).map((label) => label.length * LABEL_CHARACTER_PX + 12)),
    gap: 8,
    grid: { stroke: () => source.palette().grid, width: HAIRLINE },
    ticks: { show: false },
    splits: () => axis().ticks,
    // A scale of nothing would be an invented one.
    values: () => valueLabels(axis()).map((label) => (isEmpty() ? "" : label)),
  };
}

function lineSeries(source: ChartSource, line: ChartLine, position: number): uPlot.Series[] {
  const show = !source.isHidden(line.key);
  const edge: uPlot.Series = { show, width: 0, stroke: "transparent", points: { show: false } };
  const colour = colourIndex(line, position);
  const mean: uPlot.Series = {
    show,
    width: LINE_WIDTH,
    stroke: () => source.palette().series[colour] ?? "",
    points: { show: false },
  };
  if (position === 0) mean.fill = () => source.palette().area[colour] ?? "";
  return [edge, { ...edge }, mean];
}

function cursorOptions(source: ChartSource): uPlot.Cursor {
  return {
    y: false,
    drag: { x: true, y: false, setScale: false, dist: DRAG_DISTANCE_PX },
    sync: { key: source.syncKey, scales: ["x", null] },
    points: {
      size: 6,
      stroke: (_plot, index) => dotColour(source, index),
      fill: (_plot, index) => dotColour(source, index),
    },
    bind: {
      dblclick: () => () => {
        source.onZoomBack();
        return null;
      },
    },
  };
}

function shadeSpans(plot: uPlot, source: ChartSource): void {
  const { left, top, width, height } = plot.bbox;
  plot.ctx.fillStyle = source.palette().span;
  for (const { fromMs, toMs } of source.marks().spans) {
    const from = Math.max(left, plot.valToPos(fromMs, "x", true));
    const to = Math.min(left + width, plot.valToPos(toMs, "x", true));
    // A moment too short for the scale is still seen.
    if (to >= left && from <= left + width)
      plot.ctx.fillRect(from, top, Math.max(to - from, 2 * uPlot.pxRatio), height);
  }
}

function drawLimits(plot: uPlot, source: ChartSource): void {
  const { left, top, width, height } = plot.bbox;
  const { ctx } = plot;
  ctx.save();
  ctx.strokeStyle = source.palette().limit;
  ctx.lineWidth = LINE_WIDTH * uPlot.pxRatio;
  ctx.setLineDash([6 * uPlot.pxRatio, 4 * uPlot.pxRatio]);
  for (const limit of source.marks().limits) {
    const y = plot.valToPos(limit, "y", true);
    if (y < top || y > top + height) continue;
    ctx.beginPath();
    ctx.moveTo(left, y);
    ctx.lineTo(left + width, y);
    ctx.stroke();
  }
  ctx.restore();
}

/** A band's edges have no dot of their own. */
function dotColour(source: ChartSource, seriesIndex: number): string {
  const position = seriesIndex / SERIES_PER_LINE - 1;
  const line = source.lines[position];
  if (line === undefined) return "transparent";
  return source.palette().series[colourIndex(line, position)] ?? "transparent";
}

function announceSelection(plot: uPlot, source: ChartSource): void {
  const { left, width } = plot.select;
  // Charts that only share the crosshair see the selection too, without a mouse event of their own.
  if (width < DRAG_DISTANCE_PX || plot.cursor.event === undefined || plot.cursor.event === null) return;
  const window = { fromMs: plot.posToVal(left, "x"), toMs: plot.posToVal(left + width, "x") };
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  source.onSelect(window);
}
