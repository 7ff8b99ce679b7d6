import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-icon.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-status.ts";
import type { StatusLevel } from "../../components/bn-status.ts";
import "../../components/bn-time.ts";
import { Load } from "../../controllers/load.ts";
import type { AuditChain, AuditEntry, AuditFilter, AuditTrail } from "../../data/audit.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import { chainSentence, isFiltered } from "./audit-words.ts";
import "./bn-audit-detail.ts";
import "./bn-audit-filters.ts";
import "./bn-audit-rows.ts";

const STATES = {
  intact: { level: "calm", word: "Chain intact" },
  broken: { level: "alarm", word: "Chain broken" },
  unverified: { level: "unknown", word: "Not verified yet" },
} as const satisfies Record<AuditChain["state"], { level: StatusLevel; word: string }>;

/** Who did what: search, detail, export, and the proof that nothing was changed. Fires `filter` (CustomEvent<AuditFilter>). */
@customElement("bn-audit-page")
export class BnAuditPage extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      bn-skeleton {
        margin: var(--space-4);
      }

      .panel > header:only-child {
        border-bottom: 0;
      }

      .chain {
        display: grid;
        gap: var(--space-1);
      }

      .chain p {
        color: var(--soft);
        font-size: var(--text-13);
      }
    `,
  ];

  @property({ attribute: false }) trail: AuditTrail | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false, hasChanged: (a, b) => JSON.stringify(a) !== JSON.stringify(b) })
  filter: AuditFilter = {};
  @state() private rows: readonly AuditEntry[] = [];
  @state() private cursor: string | null = null;
  @state() private isLoadingOlder = false;
  @state() private isVerifying = false;
  readonly #first = new Load<void>(this, () => this.#searchAnew());
  readonly #chain = new Load<AuditChain | undefined>(this, async () => this.trail?.chain());
  /** Grows with each search, so that a late page of another search is dropped. */
  #search = 0;

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("filter") || changed.has("trail")) void this.#first.run();
  }

  protected override firstUpdated(): void {
    void this.#chain.run();
  }

  async #searchAnew(): Promise<void> {
    this.#search += 1;
    const search = this.#search;
    const page = await this.trail?.search(this.filter);
    if (search !== this.#search) return;
    this.rows = page?.items ?? [];
    this.cursor = page?.nextCursor ?? null;
  }

  async #loadOlder(): Promise<void> {
    if (this.isLoadingOlder || this.cursor === null) return;
    const search = this.#search;
    this.isLoadingOlder = true;
    try {
      const page = await this.trail?.search(this.filter, this.cursor);
      if (search !== this.#search || page === undefined) return;
      this.rows = [...this.rows, ...page.items];
      this.cursor = page.nextCursor;
    } catch (error) {
      this.toasts?.sayFailure(error);
    } finally {
      this.isLoadingOlder = false;
    }
  }

  async #verify(): Promise<void> {
    this.isVerifying = true;
    try {
      await this.trail?.verify();
    } catch (error) {
      this.toasts?.sayFailure(error);
    } finally {
      this.isVerifying = false;
    }
    await this.#chain.run();
  }

  #chainPanel(): unknown {
    const { state } = this.#chain;
    if (state.kind === "failed")
      return html`<section class="panel"><bn-error .problem=${state.problem}></bn-error></section>`;
    const chain = state.kind === "ready" ? state.value : undefined;
    const { level, word } = STATES[chain?.state ?? "unverified"];
    return html`<section class="panel" aria-label="Chain">
      <header>
        <div class="chain">
          <bn-status level=${level}>${word}</bn-status>
          <p>
            ${chain === undefined ? "Asking…" : chainSentence(chain)}
            ${chain?.verifiedAt ? html`Verified <bn-time .at=${chain.verifiedAt}></bn-time>.` : nothing}
          </p>
        </div>
        ${
          this.session?.can("audit:write")
            ? html`<button class="button" type="button" ?disabled=${this.isVerifying} @click=${this.#verify}>
                ${this.isVerifying ? "Verifying…" : "Verify the chain now"}
              </button>`
            : nothing
        }
      </header>
    </section>`;
  }

  #exports(): unknown {
    const link = (format: "csv" | "ndjson", label: string) =>
      html`<a class="button quiet" download href=${this.trail?.exportUrl(this.filter, format) ?? nothing}
        ><bn-icon name="download"></bn-icon>${label}</a
      >`;
    return html`<div class="row">${link("csv", "Export CSV")} ${link("ndjson", "Export JSON lines")}</div>`;
  }

  #content(): unknown {
    const { state } = this.#first;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#first.run()}></bn-error>`;
    if (state.kind === "loading") return html`<bn-skeleton shape="block"></bn-skeleton>`;
    if (this.rows.length === 0 && this.cursor === null)
      return html`<bn-empty
        icon="search"
        heading=${isFiltered(this.filter) ? "No row fits" : "Nothing was done yet"}
        text=${
          isFiltered(this.filter)
            ? "Take a filter away, or choose a longer period."
            : "Every change and every refusal will stand here, with who, what, when and from where."
        }
      ></bn-empty>`;
    return html`<bn-audit-rows
      .rows=${this.rows}
      .hasOlder=${this.cursor !== null}
      .isLoading=${this.isLoadingOlder}
      @older=${this.#loadOlder}
      @open=${(event: CustomEvent<AuditEntry>) =>
        void this.renderRoot.querySelector("bn-audit-detail")?.open(event.detail)}
    ></bn-audit-rows>`;
  }

  protected override render(): unknown {
    return html`<div class="stack">
      ${this.#chainPanel()}
      <section class="panel" aria-label="Audit log">
        <header>
          <span class="soft">Newest first</span>
          ${this.#exports()}
        </header>
        <bn-audit-filters
          .filter=${this.filter}
          @change=${(event: CustomEvent<AuditFilter>) =>
            this.dispatchEvent(new CustomEvent("filter", { detail: event.detail }))}
        ></bn-audit-filters>
        ${this.#content()}
      </section>
      <bn-audit-detail></bn-audit-detail>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-audit-page": BnAuditPage;
  }
}
