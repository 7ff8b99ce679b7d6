import { html, nothing } from "lit";
import type { MenuItem } from "../../components/bn-menu.ts";
import { FEED_PHASES } from "../../components/feed-phases.ts";
import "../../components/bn-icon.ts";
import "../../components/bn-menu.ts";
import "../../components/bn-status.ts";
import type { LogTailPhase } from "../../data/log-tail.ts";
import type { LogExportFormat } from "../../data/logs.ts";
import { type LogsAddress, OPTIONAL_COLUMNS, type OptionalColumn } from "./address.ts";

const NOT_LIVE = { level: "unknown", word: "Not live" } as const;
const COLUMN_LABELS: Record<OptionalColumn, string> = { source: "Source", fields: "Fields", ids: "Ids" };
const EXPORTS: readonly { format: LogExportFormat; label: string }[] = [
  { format: "ndjson", label: "As JSON lines" },
  { format: "csv", label: "As CSV" },
  { format: "text", label: "As text" },
];

/** What stands above the lines, and what its menus do. */
interface HeadParts {
  /** How the live tail fares; undefined when lines are not followed. */
  phase: LogTailPhase | undefined;
  isEverywhere: boolean;
  address: LogsAddress;
  change(change: Partial<LogsAddress>): void;
  exportAs(format: LogExportFormat): void;
}

/** The heading of the lines, how live they are, and the menus of what is exported and what a row shows. */
export function drawHead({ phase, isEverywhere, address, change, exportAs }: HeadParts): unknown {
  const { level, word } = phase === undefined ? NOT_LIVE : FEED_PHASES[phase];
  const exports: MenuItem[] = EXPORTS.map(({ format, label }) => ({
    label,
    icon: "download",
    run: () => exportAs(format),
  }));
  return html`<header>
    <div class="row">
      <h2 id="heading">Lines</h2>
      <bn-status level=${level} aria-live="polite">${word}</bn-status>
      ${isEverywhere ? html`<span class="faint">in all that is kept</span>` : nothing}
    </div>
    <div class="row">
      <bn-menu label="Export" heading="Export" subheading="Every line that fits" .items=${exports}
        ><bn-icon name="download"></bn-icon
      ></bn-menu>
      <bn-menu label="View" heading="View" subheading="What a row shows" .items=${viewItems(address, change)}
        ><bn-icon name="sliders"></bn-icon
      ></bn-menu>
    </div>
  </header>`;
}

function viewItems({ wraps, columns }: LogsAddress, change: HeadParts["change"]): MenuItem[] {
  const toggled = (name: OptionalColumn) =>
    OPTIONAL_COLUMNS.filter((one) => (one === name) !== columns.includes(one));
  return [
    { label: "Wrap long lines", hint: wraps ? "on" : "off", run: () => change({ wraps: !wraps }) },
    ...OPTIONAL_COLUMNS.map((name) => ({
      label: COLUMN_LABELS[name],
      hint: columns.includes(name) ? "shown" : "hidden",
      run: () => change({ columns: toggled(name) }),
    })),
  ];
}
