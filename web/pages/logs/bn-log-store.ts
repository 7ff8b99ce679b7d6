import { html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-field.ts";
import "../../components/bn-icon.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-status.ts";
import "../../components/bn-table.ts";
import type { Column } from "../../components/bn-table.ts";
import "../../components/bn-time.ts";
import { Action } from "../../controllers/action.ts";
import { Load } from "../../controllers/load.ts";
import {
  LOG_LEVELS,
  type LoggerStats,
  type LogLevel,
  type LogSource,
  type Logs,
  type WatchedFile,
} from "../../data/logs.ts";
import type { Session } from "../../data/session.ts";
import type { Settings } from "../../data/settings.ts";
import type { Toasts } from "../../data/toasts.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatBytes, formatFigure } from "../../lib/format.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import { logsHref } from "./address.ts";
import "./bn-follow-file.ts";
import { storeStyles } from "./store-styles.ts";

const SOURCE_COLUMNS: readonly Column<LogSource>[] = [
  {
    id: "name",
    label: "Source",
    draw: ({ name }) => html`<a href=${logsHref({ sources: [name] })}>${foreignText(name)}</a>`,
    compare: (a, b) => a.name.localeCompare(b.name),
    isWide: true,
  },
  {
    id: "lines",
    label: "Lines ever taken",
    draw: ({ lines }) => formatFigure(lines, 0),
    compare: (a, b) => a.lines - b.lines,
    isNumber: true,
  },
  {
    id: "first",
    label: "First",
    draw: ({ firstSeenAt }) => html`<bn-time .at=${firstSeenAt}></bn-time>`,
    isSecondary: true,
  },
  {
    id: "last",
    label: "Last",
    draw: ({ lastSeenAt }) => html`<bn-time .at=${lastSeenAt}></bn-time>`,
    compare: (a, b) => a.lastSeenAt.localeCompare(b.lastSeenAt),
  },
];

const FILE_COLUMNS: readonly Column<WatchedFile>[] = [
  { id: "path", label: "File", draw: ({ path }) => html`<code>${foreignText(path)}</code>`, isWide: true },
  { id: "state", label: "State", draw: (file) => fileState(file) },
  { id: "source", label: "Source", draw: ({ source }) => foreignText(source), isSecondary: true },
  {
    id: "read",
    label: "Read",
    draw: ({ readBytes, sizeBytes }) => `${formatBytes(readBytes)} of ${formatBytes(sizeBytes)}`,
    isNumber: true,
  },
];

function fileState({ problem, readBytes, sizeBytes }: WatchedFile): unknown {
  if (problem !== null)
    return html`<bn-status level="alarm">Not read</bn-status><br /><span class="soft">${foreignText(problem)}</span>`;
  if (sizeBytes === 0) return html`<bn-status level="unknown">Empty or not there</bn-status>`;
  return readBytes < sizeBytes
    ? html`<bn-status level="info">Reading</bn-status>`
    : html`<bn-status level="calm">Read to its end</bn-status>`;
}

interface StoreFacts {
  stats: LoggerStats;
  sources: LogSource[];
}

/** What is kept, who writes, which files are followed; and how much Binnacle itself writes. */
@customElement("bn-log-store")
export class BnLogStore extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, storeStyles];

  @property({ attribute: false }) logs: Logs | undefined;
  @property({ attribute: false }) settings: Settings | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  readonly #load = new Load<StoreFacts | undefined>(this, () => this.#read());
  readonly #levelChange = new Action(this);

  protected override firstUpdated(): void {
    void this.#load.run();
  }

  async #read(): Promise<StoreFacts | undefined> {
    if (this.logs === undefined) return undefined;
    const [stats, sources] = await Promise.all([this.logs.stats(), this.logs.sources()]);
    return { stats, sources };
  }

  async #setLevel(level: LogLevel): Promise<void> {
    const isDone = await this.#levelChange.run(async () => {
      const { settings } = this;
      if (settings === undefined) return;
      const { revision } = await settings.configuration();
      const edit = { set: { "log.level": level }, unset: [] };
      await settings.change(edit, { expectedRevision: revision });
    });
    if (isDone) this.toasts?.say(`Binnacle writes ${level} lines and above`);
    await this.#load.run();
  }

  #figure(label: string, figure: unknown, note: unknown = nothing): unknown {
    return html`<div><dt>${label}</dt><dd>${figure}<small>${note}</small></dd></div>`;
  }

  #kept({ stats }: StoreFacts): unknown {
    const { isPaused, refusedLines, damagedBlocks } = stats;
    const state = isPaused
      ? html`<bn-status level="alarm">Paused: the disk is nearly full</bn-status>`
      : html`<bn-status level="calm">Taking lines</bn-status>`;
    const time = (at: string | null): unknown => html`<bn-time .at=${at} none="–"></bn-time>`;
    const share = `${formatBytes(stats.storedBytes)} of ${formatBytes(stats.budgetBytes)}`;
    return html`<section class="panel" aria-labelledby="kept">
      <header><h2 id="kept">What is kept</h2>${state}</header>
      <dl class="figures">
        ${this.#figure("Lines", formatFigure(stats.lines, 0), `kept for ${stats.retentionDays} days`)}
        ${this.#figure(
          "On disk",
          formatBytes(stats.storedBytes),
          html`<meter min="0" max=${stats.budgetBytes} .value=${stats.storedBytes} aria-label=${share}></meter>of
            ${formatBytes(stats.budgetBytes)}; then the oldest go`,
        )}
        ${this.#figure("Oldest", time(stats.oldestAt))} ${this.#figure("Newest", time(stats.newestAt))}
        ${this.#figure("Not taken", formatFigure(refusedLines, 0), "since the start, for want of disk")}
        ${this.#figure("Damaged blocks", formatFigure(damagedBlocks, 0), damagedBlocks === 0 ? nothing : "left out of searches")}
        ${this.#figure("Live readers", formatFigure(stats.liveReaders, 0), `${formatFigure(stats.droppedLines, 0)} lines left out for slow ones`)}
        ${this.#figure("Binnacle's own log", `${formatBytes(stats.totalSizeBytes)} in ${stats.logFileCount} ${stats.logFileCount === 1 ? "file" : "files"}`, html`<code>${stats.logDirectory}</code>`)}
      </dl>
      ${this.#level(stats)}
    </section>`;
  }

  #level({ level }: LoggerStats): unknown {
    if (this.session?.can("config:write") !== true) return nothing;
    const { isBusy, problem } = this.#levelChange;
    return html`<div class="level">
      <bn-field
        label="Binnacle writes"
        help="Takes effect at once, and stays after a restart (log.level)"
        .error=${problem?.detail}
      >
        <select
          ?disabled=${isBusy}
          @change=${({ target }: Event) => {
            const chosen =
              target instanceof HTMLSelectElement && LOG_LEVELS.find((one) => one === target.value);
            if (chosen) void this.#setLevel(chosen);
          }}
        >
          ${LOG_LEVELS.map((one) => html`<option value=${one} ?selected=${one === level}>${one} and above</option>`)}
        </select>
      </bn-field>
    </div>`;
  }

  #sources({ sources }: StoreFacts): unknown {
    return html`<section class="panel" aria-labelledby="sources">
      <header><h2 id="sources">Who writes</h2></header>
      ${
        sources.length === 0
          ? html`<bn-empty icon="scroll" heading="Nobody has written yet" text="Each source of lines stands here, with how much it wrote."></bn-empty>`
          : html`<bn-table
            label="Sources"
            .columns=${SOURCE_COLUMNS}
            .rows=${sources}
            .keyOf=${(row: LogSource) => row.name}
            .initialSorting=${{ column: "lines", isDescending: true }}
          ></bn-table>`
      }
    </section>`;
  }

  #files({ stats }: StoreFacts): unknown {
    return html`<section class="panel" aria-labelledby="files">
      <header>
        <h2 id="files">Files that are followed</h2>
        <button
          class="button"
          type="button"
          @click=${() => void this.renderRoot.querySelector("bn-follow-file")?.open()}
        >
          <bn-icon name="plus"></bn-icon>Follow a file
        </button>
      </header>
      <bn-table
        label="Files"
        .columns=${FILE_COLUMNS}
        .rows=${stats.files}
        .keyOf=${(row: WatchedFile) => row.path}
      ></bn-table>
      <bn-follow-file></bn-follow-file>
    </section>`;
  }

  protected override render(): unknown {
    const { state } = this.#load;
    if (state.kind === "failed")
      return html`<bn-error class="panel" .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    if (state.kind === "loading" || state.value === undefined)
      return html`<bn-skeleton shape="block"></bn-skeleton>`;
    return html`<div class="stack">
      ${this.#kept(state.value)} ${this.#sources(state.value)} ${this.#files(state.value)}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-log-store": BnLogStore;
  }
}
