import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { confirmStep } from "../components/bn-dialog.ts";
import "../components/bn-error.ts";
import "../components/bn-skeleton.ts";
import "../components/bn-table.ts";
import type { Column } from "../components/bn-table.ts";
import "../components/bn-time.ts";
import { Load } from "../controllers/load.ts";
import type { People } from "../data/people.ts";
import type { Toasts } from "../data/toasts.ts";
import type { SessionRecord } from "../data/types.ts";
import { baseStyles, controlStyles, layoutStyles } from "../styles/shared.ts";
import { browserName } from "./user-agent.ts";

/** Who is signed in from where, each to be ended. With `user-id`, only that user's. */
@customElement("bn-session-list")
export class BnSessionList extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      bn-skeleton {
        margin: var(--space-4);
      }
    `,
  ];

  @property({ attribute: false }) people: People | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: "user-id" }) userId = "";
  readonly #load = new Load<SessionRecord[]>(this, async () => (await this.people?.sessions()) ?? []);

  readonly #columns: readonly Column<SessionRecord>[] = [
    {
      id: "user",
      label: "User",
      draw: (row) =>
        row.current ? html`${row.userName} <span class="faint">· this browser</span>` : row.userName,
      compare: (a, b) => a.userName.localeCompare(b.userName),
    },
    {
      id: "browser",
      label: "Browser",
      draw: (row) => html`<span title=${row.userAgent ?? ""}>${browserName(row.userAgent ?? "")}</span>`,
      isWide: true,
    },
    {
      id: "by",
      label: "By",
      draw: (row) => row.provider ?? "password",
      isSecondary: true,
    },
    { id: "address", label: "Address", draw: (row) => html`<span class="mono">${row.address ?? "–"}</span>` },
    {
      id: "seen",
      label: "Last seen",
      draw: (row) => html`<bn-time .at=${row.lastSeenAt}></bn-time>`,
      compare: (a, b) => Date.parse(a.lastSeenAt) - Date.parse(b.lastSeenAt),
    },
    {
      id: "since",
      label: "Signed in",
      draw: (row) => html`<bn-time .at=${row.createdAt}></bn-time>`,
      isSecondary: true,
    },
    {
      id: "ends",
      label: "Ends",
      draw: (row) => html`<bn-time .at=${row.expiresAt}></bn-time>`,
      isSecondary: true,
    },
    {
      id: "actions",
      label: "",
      draw: (row) =>
        row.current
          ? nothing
          : html`<button class="button quiet danger" type="button" @click=${() => this.#revoke(row)}>Sign out</button>`,
    },
  ];

  protected override firstUpdated(): void {
    void this.#load.run();
  }

  /** Sessions were ended by somebody else than this list. */
  reload(): Promise<void> {
    return this.#load.run();
  }

  async #revoke(session: SessionRecord): Promise<void> {
    const isSure = await confirmStep({
      heading: `Sign out ${session.userName} on ${browserName(session.userAgent ?? "")}?`,
      consequence: "That browser is asked for name and password at its next request.",
      verb: "Sign out",
    });
    if (!isSure) return;
    try {
      await this.people?.revokeSession(session.id);
      this.toasts?.say("The session was ended");
      await this.#load.run();
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
  }

  protected override render(): unknown {
    const { state } = this.#load;
    if (state.kind === "loading") return html`<bn-skeleton shape="block"></bn-skeleton>`;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    return html`<bn-table
      label="Sessions"
      .columns=${this.#columns}
      .rows=${state.value.filter((session) => this.userId === "" || session.userId === this.userId)}
      .keyOf=${(row: SessionRecord) => row.id}
    ></bn-table>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-session-list": BnSessionList;
  }
}
