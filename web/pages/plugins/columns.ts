import { html, nothing } from "lit";
import "../../components/bn-menu.ts";
import type { PluginVerb } from "../../../schema/rules/plugins.ts";
import type { Point } from "../../components/bn-sparkline.ts";
import type { Column } from "../../components/bn-table.ts";
import { type PluginFigure, pluginSeriesKey } from "../../data/plugin-series.ts";
import { SANDBOX_WORDS, VERB_WORDS } from "../../data/plugin-words.ts";
import type { Plugin } from "../../data/plugins-types.ts";
import { formatBytes, formatFigure, formatValue } from "../../lib/format.ts";
import type { Frame } from "../../lib/frame.ts";
import type { TimeWindow } from "../../lib/time-range.ts";
import "./bn-plugin-cell.ts";
import "./bn-plugin-figure.ts";
import "./bn-plugin-standing.ts";
import { permissionSummary } from "../../data/permission-words.ts";
import { VERB_ICONS } from "./verbs.ts";

/** The recent course of all plugins' figures. */
export interface Courses {
  frame: Frame;
  window: TimeWindow;
}

/** The recent course of one figure of a plugin, as far as it is known. */
function courseOf({ frame }: Courses, figure: PluginFigure, id: string): Point[] {
  const key = pluginSeriesKey(figure, id);
  const line = frame.lines.find((one) => one.key === key);
  return line === undefined ? [] : frame.t.map((t, index) => ({ t, value: line.avg[index] }));
}

const figureOf = (courses: Courses, figure: PluginFigure, id: string, text: string, tone: string): unknown =>
  html`<bn-plugin-figure
    tone=${tone}
    text=${text}
    .points=${courseOf(courses, figure, id)}
    .window=${courses.window}
  ></bn-plugin-figure>`;

/** The columns of the list. */
export function pluginColumns(
  courses: Courses,
  verbsOf: (plugin: Plugin) => readonly PluginVerb[],
  run: (plugin: Plugin, verb: PluginVerb) => void,
): readonly Column<Plugin>[] {
  return [
    {
      id: "name",
      label: "Plugin",
      draw: (row) => html`<bn-plugin-cell .plugin=${row}></bn-plugin-cell>`,
      compare: (a, b) => a.name.localeCompare(b.name),
      isWide: true,
    },
    {
      id: "state",
      label: "State",
      draw: (row) => html`<bn-plugin-standing .plugin=${row}></bn-plugin-standing>`,
    },
    { id: "sandbox", label: "Sandbox", draw: (row) => sandboxOf(row), isSecondary: true },
    {
      id: "permissions",
      label: "Permissions",
      draw: ({ permissions }) =>
        permissions.length === 0 ? html`<span class="faint">none</span>` : permissionSummary(permissions),
      isSecondary: true,
    },
    {
      id: "cpu",
      label: "CPU",
      draw: ({ id, cpuPercent }) => figureOf(courses, "cpu", id, formatValue(cpuPercent, "percent"), "1"),
      compare: (a, b) => (a.cpuPercent ?? -1) - (b.cpuPercent ?? -1),
      isNumber: true,
    },
    {
      id: "memory",
      label: "Memory",
      draw: ({ id, memoryBytes }) =>
        figureOf(courses, "memory", id, memoryBytes === null ? "–" : formatBytes(memoryBytes), "2"),
      compare: (a, b) => (a.memoryBytes ?? -1) - (b.memoryBytes ?? -1),
      isNumber: true,
    },
    {
      id: "calls",
      label: "Calls",
      draw: ({ calls, callsUnderWay }) =>
        html`<span title=${callsUnderWay === 0 ? nothing : `${callsUnderWay} under way`}>${formatFigure(calls, 0)}</span>`,
      compare: (a, b) => a.calls - b.calls,
      isNumber: true,
    },
    {
      id: "errors",
      label: "Errors",
      draw: ({ errors }) =>
        errors === 0 ? html`<span class="faint">0</span>` : html`<b>${formatFigure(errors, 0)}</b>`,
      compare: (a, b) => a.errors - b.errors,
      isNumber: true,
    },
    { id: "verbs", label: "", draw: (row) => menuOf(row, verbsOf(row), run), isMenu: true },
  ];
}

function sandboxOf({ level }: Plugin): unknown {
  if (level === null) return html`<span class="faint" title="It has no process now">–</span>`;
  return html`<span title=${SANDBOX_WORDS[level].title}>${level === "process" ? "process only" : level}</span>`;
}

function menuOf(
  plugin: Plugin,
  verbs: readonly PluginVerb[],
  run: (plugin: Plugin, verb: PluginVerb) => void,
): unknown {
  if (verbs.length === 0) return nothing;
  const items = verbs.map((verb) => ({
    label: VERB_WORDS[verb].label,
    ...(VERB_ICONS[verb] === undefined ? {} : { icon: VERB_ICONS[verb] }),
    run: () => run(plugin, verb),
  }));
  return html`<bn-menu label="What to do with ${plugin.id}" .items=${items}><bn-icon name="more"></bn-icon></bn-menu>`;
}
