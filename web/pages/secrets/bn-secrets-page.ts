import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { confirmStep } from "../../components/bn-dialog.ts";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-icon.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-table.ts";
import type { Column } from "../../components/bn-table.ts";
import "../../components/bn-time.ts";
import { Load } from "../../controllers/load.ts";
import type { Secret, SecretVault } from "../../data/secrets.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-secret-dialog.ts";
import "./bn-secret-keys.ts";

/** What removing a secret means for whatever uses it. */
function removalConsequence({ name, usedBy }: Secret): string {
  const users = usedBy.map(({ purpose }) => purpose).join(", ");
  const effect =
    users === ""
      ? "Nothing has used it so far."
      : `It is used by ${users}: that goes on with what it holds, and fails when it asks again.`;
  return `${effect} The value is gone for good; settings that say \${secret:${name}} keep their last value until the next start.`;
}

/** Secrets by name: what they are for, how old they are, what uses them. Values go in and never come out. */
@customElement("bn-secrets-page")
export class BnSecretsPage extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      bn-skeleton {
        margin: var(--space-4);
      }

      header p {
        color: var(--soft);
        font-size: var(--text-13);
      }
    `,
  ];

  @property({ attribute: false }) vault: SecretVault | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  readonly #load = new Load<Secret[]>(this, async () => (await this.vault?.list()) ?? []);

  protected override firstUpdated(): void {
    void this.#load.run();
  }

  #open(secret?: Secret): void {
    void this.renderRoot.querySelector("bn-secret-dialog")?.open(secret);
  }

  #onStored(name: string): void {
    this.toasts?.say(`${name} is stored`);
    void this.#load.run();
  }

  async #remove(secret: Secret): Promise<void> {
    const isSure = await confirmStep({
      heading: `Remove ${secret.name}?`,
      consequence: removalConsequence(secret),
      verb: `Remove ${secret.name}`,
    });
    if (!isSure) return;
    try {
      await this.vault?.remove(secret.name);
      this.toasts?.say(`${secret.name} was removed`);
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
    await this.#load.run();
  }

  #columns(canWrite: boolean): readonly Column<Secret>[] {
    return [
      {
        id: "name",
        label: "Secret",
        draw: (row) => html`<span class="mono">${row.name}</span>`,
        compare: (a, b) => a.name.localeCompare(b.name),
      },
      { id: "description", label: "Description", draw: (row) => row.description || "–", isWide: true },
      {
        id: "used",
        label: "Last used",
        draw: (row) => html`<bn-time .at=${row.lastUsedAt}></bn-time>`,
        compare: (a, b) => Date.parse(a.lastUsedAt ?? "0") - Date.parse(b.lastUsedAt ?? "0"),
      },
      {
        id: "by",
        label: "Used by",
        draw: (row) => {
          const purposes = row.usedBy.map(({ purpose }) => purpose);
          const [first = "nothing yet", ...more] = purposes;
          return html`<span title=${purposes.join(", ")}>${first}${more.length > 0 ? ` and ${more.length} more` : nothing}</span>`;
        },
      },
      {
        id: "age",
        label: "Value from",
        draw: (row) => html`<bn-time .at=${row.changedAt}></bn-time>`,
        compare: (a, b) => Date.parse(a.changedAt) - Date.parse(b.changedAt),
      },
      { id: "author", label: "By", draw: (row) => row.changedBy, isSecondary: true },
      ...(canWrite ? [{ id: "actions", label: "", draw: (row: Secret) => this.#actions(row) }] : []),
    ];
  }

  #actions(row: Secret): unknown {
    return html`<span class="row">
      <button class="button quiet" type="button" aria-label="New value for ${row.name}" @click=${() => this.#open(row)}>
        New value
      </button>
      <button class="button quiet danger" type="button" aria-label="Remove ${row.name}" @click=${() => this.#remove(row)}>
        Remove
      </button>
    </span>`;
  }

  #list(): unknown {
    const { state } = this.#load;
    const canWrite = this.session?.can("secrets:write") === true;
    const add = html`<button class="button primary" type="button" @click=${() => this.#open()}>
      <bn-icon name="plus"></bn-icon>Add a secret
    </button>`;
    if (state.kind === "loading") return html`<bn-skeleton shape="block"></bn-skeleton>`;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    if (state.value.length === 0)
      return html`<bn-empty
        icon="key"
        heading="No secrets yet"
        text="Passwords and keys that Binnacle needs: for mail, for storage, for what it asks elsewhere. Settings refer to them by name, and their values are never shown to anybody."
        >${canWrite ? add : nothing}</bn-empty
      >`;
    return html`<header>
        <p>In a setting: <span class="mono">\${secret:${state.value[0]?.name}}</span></p>
        ${canWrite ? add : nothing}
      </header>
      <bn-table
        label="Secrets"
        .columns=${this.#columns(canWrite)}
        .rows=${state.value}
        .keyOf=${(row: Secret) => row.name}
      ></bn-table>`;
  }

  protected override render(): unknown {
    return html`<div class="stack">
      <section class="panel" aria-label="Secrets">${this.#list()}</section>
      <bn-secret-keys .vault=${this.vault} .session=${this.session} .toasts=${this.toasts}></bn-secret-keys>
      <bn-secret-dialog
        .vault=${this.vault}
        @stored=${(event: CustomEvent<string>) => this.#onStored(event.detail)}
      ></bn-secret-dialog>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-secrets-page": BnSecretsPage;
  }
}
