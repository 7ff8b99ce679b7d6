import { html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { confirmStep } from "../../components/bn-dialog.ts";
import "../../components/bn-error.ts";
import "../../components/bn-icon.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-table.ts";
import type { Column } from "../../components/bn-table.ts";
import { Load } from "../../controllers/load.ts";
import type { People } from "../../data/people.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import type { Role } from "../../data/types.ts";
import { barStyles } from "../../styles/bar.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-role-dialog.ts";

/** Named sets of scopes: those that ship, and those made here. */
@customElement("bn-role-list")
export class BnRoleList extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, barStyles];

  @property({ attribute: false }) people: People | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  readonly #load = new Load<Role[]>(this, async () => (await this.people?.roles()) ?? []);

  protected override firstUpdated(): void {
    void this.#load.run();
  }

  async #remove(role: Role): Promise<void> {
    const isSure = await confirmStep({
      heading: `Remove the role ${role.name}?`,
      consequence: "Nobody can be given it any more. A role that somebody has is not removed.",
      verb: `Remove ${role.name}`,
    });
    if (!isSure) return;
    try {
      await this.people?.removeRole(role.name);
      this.toasts?.say(`${role.name} was removed`);
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
    await this.#load.run();
  }

  #saved(event: CustomEvent<string>): void {
    this.toasts?.say(`${event.detail} is saved`);
    void this.#load.run();
  }

  #edit(role?: Role): void {
    void this.renderRoot.querySelector("bn-role-dialog")?.open(role);
  }

  #columns(): readonly Column<Role>[] {
    const canChange = this.session?.can("users:admin") === true;
    return [
      {
        id: "name",
        label: "Role",
        draw: (row) =>
          html`<span title=${row.description}
            >${row.name}${row.description === "" ? nothing : html` <span class="faint">· ${row.description}</span>`}</span
          >`,
        compare: (a, b) => a.name.localeCompare(b.name),
        isWide: true,
      },
      {
        id: "scopes",
        label: "Allows",
        draw: (row) =>
          row.scopes.includes("*")
            ? "everything"
            : html`<span class="mono wraps">${row.scopes.join(" ")}</span>`,
      },
      {
        id: "origin",
        label: "From",
        draw: (row) => (row.builtIn ? html`<span class="faint">Binnacle</span>` : "here"),
      },
      {
        id: "actions",
        label: "",
        draw: (row) => {
          if (row.builtIn || !canChange) return nothing;
          return html`<span class="row">
            <button class="button quiet" type="button" aria-label="Change ${row.name}" @click=${() => this.#edit(row)}>Change</button>
            <button class="button quiet danger" type="button" aria-label="Remove ${row.name}" @click=${() => this.#remove(row)}>Remove</button>
          </span>`;
        },
      },
    ];
  }

  protected override render(): unknown {
    const { state } = this.#load;
    if (state.kind === "loading") return html`<bn-skeleton shape="block"></bn-skeleton>`;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    return html`<div class="bar">
        <span class="soft">A role is a named set of scopes; one can give only what one holds.</span>
        ${
          this.session?.can("users:admin")
            ? html`<button class="button primary" type="button" @click=${() => this.#edit()}>
                <bn-icon name="plus"></bn-icon>Make a role
              </button>`
            : nothing
        }
      </div>
      <bn-table label="Roles" .columns=${this.#columns()} .rows=${state.value} .keyOf=${(row: Role) => row.name}></bn-table>
      <bn-role-dialog .people=${this.people} .session=${this.session} @saved=${this.#saved}></bn-role-dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-role-list": BnRoleList;
  }
}
