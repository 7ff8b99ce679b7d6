import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { confirmStep } from "../components/bn-dialog.ts";
import "../components/bn-empty.ts";
import "../components/bn-error.ts";
import "../components/bn-icon.ts";
import "../components/bn-skeleton.ts";
import "../components/bn-status.ts";
import type { StatusLevel } from "../components/bn-status.ts";
import "../components/bn-table.ts";
import type { Column } from "../components/bn-table.ts";
import "../components/bn-time.ts";
import { Load } from "../controllers/load.ts";
import type { People } from "../data/people.ts";
import type { Session } from "../data/session.ts";
import type { Toasts } from "../data/toasts.ts";
import type { Token } from "../data/types.ts";
import { barStyles } from "../styles/bar.ts";
import { baseStyles, controlStyles, layoutStyles } from "../styles/shared.ts";
import "./bn-token-dialog.ts";

const DAY_MS = 86_400_000;
const EXPIRES_SOON_MS = 14 * DAY_MS;

/** What state a token is in, by its expiry. */
function tokenState(token: Token, nowMs: number): { level: StatusLevel; word: string } {
  if (token.expiresAt === null) return { level: "calm", word: "Active" };
  const leftMs = Date.parse(token.expiresAt) - nowMs;
  if (leftMs <= 0) return { level: "unknown", word: "Expired" };
  return leftMs < EXPIRES_SOON_MS
    ? { level: "watch", word: "Expires soon" }
    : { level: "calm", word: "Active" };
}

/** API tokens with what they may do, to be made and revoked. With `user-id`, only that user's. */
@customElement("bn-token-list")
export class BnTokenList extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    barStyles,
    css`
      .bar p {
        color: var(--soft);
        font-size: var(--text-13);
      }
    `,
  ];

  @property({ attribute: false }) people: People | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: "user-id" }) userId = "";
  readonly #load = new Load<Token[]>(this, async () => (await this.people?.tokens()) ?? []);

  readonly #columns: readonly Column<Token>[] = [
    {
      id: "name",
      label: "Token",
      draw: (row) => row.name,
      compare: (a, b) => a.name.localeCompare(b.name),
    },
    {
      id: "state",
      label: "State",
      draw: (row) => {
        const { level, word } = tokenState(row, Date.now());
        return html`<bn-status level=${level}>${word}</bn-status>`;
      },
    },
    {
      id: "prefix",
      label: "Begins with",
      draw: (row) => html`<span class="mono">${row.prefix}…</span>`,
      isSecondary: true,
    },
    {
      id: "scopes",
      label: "May",
      draw: (row) => html`<span class="mono" title=${row.scopes.join(" ")}>${row.scopes.join(" ")}</span>`,
      isWide: true,
    },
    { id: "owner", label: "Owner", draw: (row) => row.userName, isSecondary: true },
    {
      id: "used",
      label: "Last used",
      draw: (row) => html`<bn-time .at=${row.lastUsedAt}></bn-time>`,
      compare: (a, b) => Number(new Date(a.lastUsedAt ?? 0)) - Number(new Date(b.lastUsedAt ?? 0)),
    },
    {
      id: "expires",
      label: "Expires",
      draw: (row) => html`<bn-time .at=${row.expiresAt} none="never"></bn-time>`,
    },
    {
      id: "actions",
      label: "",
      draw: (row) =>
        html`<button class="button quiet danger" type="button" @click=${() => this.#revoke(row)}>Revoke</button>`,
    },
  ];

  protected override firstUpdated(): void {
    void this.#load.run();
  }

  #create(): void {
    void this.renderRoot.querySelector("bn-token-dialog")?.open();
  }

  async #revoke(token: Token): Promise<void> {
    const isSure = await confirmStep({
      heading: `Revoke “${token.name}”?`,
      consequence: `Whatever uses the token that begins with ${token.prefix} is refused from now on. This cannot be undone; a new token can be made.`,
      verb: `Revoke ${token.name}`,
    });
    if (!isSure) return;
    try {
      await this.people?.revokeToken(token.id);
      this.toasts?.say(`Token “${token.name}” was revoked`);
      await this.#load.run();
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
  }

  #content(): unknown {
    const { state } = this.#load;
    if (state.kind === "loading") return html`<bn-skeleton shape="block"></bn-skeleton>`;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    const rows = state.value.filter((token) => this.userId === "" || token.userId === this.userId);
    if (rows.length === 0)
      return html`<bn-empty
        icon="key"
        heading="No tokens yet"
        text="A token lets a script or another server use the API with the scopes you choose, without your password."
        ><button class="button primary" type="button" @click=${this.#create}>Create a token</button></bn-empty
      >`;
    return html`<div class="bar">
        <p>For scripts and other servers: <span class="mono">authorization: Bearer bnc_…</span></p>
        <button class="button primary" type="button" @click=${this.#create}>
          <bn-icon name="plus"></bn-icon>Create a token
        </button>
      </div>
      <bn-table
        label="API tokens"
        .columns=${this.#columns}
        .rows=${rows}
        .keyOf=${(row: Token) => row.id}
      ></bn-table>`;
  }

  protected override render(): unknown {
    if (this.people === undefined) return nothing;
    return html`${this.#content()}
      <bn-token-dialog
        .people=${this.people}
        .session=${this.session}
        @created=${() => void this.#load.run()}
      ></bn-token-dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-token-list": BnTokenList;
  }
}
