import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { confirmStep } from "../../components/bn-dialog.ts";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-time.ts";
import { Load } from "../../controllers/load.ts";
import type { Session } from "../../data/session.ts";
import type { Revision, Settings } from "../../data/settings.ts";
import type { Toasts } from "../../data/toasts.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-change-table.ts";

const ACTIONS: Readonly<Record<Revision["action"], string>> = {
  change: "changed settings",
  rollback: "went back",
  import: "imported settings",
  file: "was edited",
  remote: "brought new settings",
};

/** The state before the first change. */
const BEFORE_ALL = 0;

/** Who changed what, newest first, and the way back. */
@customElement("bn-configuration-history")
export class BnConfigurationHistory extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      bn-skeleton {
        margin: var(--space-4);
      }

      li.revision {
        display: grid;
        grid-template-columns: minmax(0, 220px) minmax(0, 1fr) auto;
        gap: var(--space-2) var(--space-4);
        padding: var(--space-3) var(--space-4);
        border-bottom: 1px solid var(--line);
      }

      .who {
        display: grid;
        align-content: start;
        gap: 2px;
        overflow-wrap: anywhere;
        font-size: var(--text-13);
      }

      .who strong {
        font-weight: 600;
      }

      .more {
        padding: var(--space-3) var(--space-4);
      }

      @media (max-width: 720px) {
        li.revision {
          grid-template-columns: minmax(0, 1fr);
        }

        li.revision .button {
          justify-self: start;
        }
      }
    `,
  ];

  @property({ attribute: false }) settings: Settings | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @state() private older: Revision[] = [];
  #cursor: string | null = null;
  readonly #load = new Load<Revision[]>(this, async () => {
    const page = await this.settings?.history();
    this.older = [];
    this.#cursor = page?.nextCursor ?? null;
    return page?.items ?? [];
  });

  protected override firstUpdated(): void {
    void this.#load.run();
  }

  async #showOlder(): Promise<void> {
    if (this.#cursor === null) return;
    try {
      const page = await this.settings?.history(this.#cursor);
      this.#cursor = page?.nextCursor ?? null;
      this.older = [...this.older, ...(page?.items ?? [])];
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
  }

  async #goBack(revision: number, newest: number): Promise<void> {
    const isSure = await confirmStep({
      heading:
        revision === BEFORE_ALL
          ? "Take back everything that was set here?"
          : `Go back to revision ${revision}?`,
      consequence:
        "Everything that was set here since gives way to what was set then. Files, environment and flags stay as they are. Going back is itself a change that you can undo.",
      verb: revision === BEFORE_ALL ? "Take back everything" : `Go back to ${revision}`,
    });
    if (!isSure) return;
    try {
      const { changes } = (await this.settings?.rollback(revision, { expectedRevision: newest })) ?? {
        changes: [],
      };
      const many = changes.length === 1 ? "1 setting" : `${changes.length} settings`;
      this.toasts?.say(
        changes.length === 0 ? "Nothing was set since" : `Back at revision ${revision}: ${many} changed`,
      );
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
    await this.#load.run();
  }

  #revision(revision: Revision, newest: number): unknown {
    const { revision: number, actor, action, at, note, changes } = revision;
    const canGoBack = this.session?.can("config:admin") === true && number !== newest;
    return html`<li class="revision">
      <div class="who">
        <span><strong>${actor.split("/").at(-1)}</strong> ${ACTIONS[action]}</span>
        <span class="faint"><bn-time .at=${at}></bn-time> · revision ${number}</span>
        ${note === "" ? nothing : html`<span class="soft">${note}</span>`}
      </div>
      <bn-change-table .changes=${changes}></bn-change-table>
      ${
        canGoBack
          ? html`<button class="button quiet" type="button" @click=${() => this.#goBack(number, newest)}>
              Go back to this
            </button>`
          : nothing
      }
    </li>`;
  }

  /** The oldest change shown is the first: before it, nothing was set here. */
  #beginning(newest: number): unknown {
    if (this.session?.can("config:admin") !== true) return nothing;
    return html`<div class="more">
      <button class="button quiet" type="button" @click=${() => this.#goBack(BEFORE_ALL, newest)}>
        Take back everything that was set here
      </button>
    </div>`;
  }

  protected override render(): unknown {
    const { state } = this.#load;
    if (state.kind === "loading") return html`<bn-skeleton shape="block"></bn-skeleton>`;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    const revisions = [...state.value, ...this.older];
    const newest = revisions[0]?.revision;
    if (newest === undefined)
      return html`<bn-empty
        icon="sliders"
        heading="Nothing was changed yet"
        text="Every change of a setting will stand here, with who made it, when, and the way back: from this page, the command line, a file, or the remote source."
      ></bn-empty>`;
    return html`
      <ul>
        ${revisions.map((revision) => this.#revision(revision, newest))}
      </ul>
      ${
        this.#cursor === null
          ? this.#beginning(newest)
          : html`<div class="more">
              <button class="button" type="button" @click=${this.#showOlder}>Show older changes</button>
            </div>`
      }
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-configuration-history": BnConfigurationHistory;
  }
}
