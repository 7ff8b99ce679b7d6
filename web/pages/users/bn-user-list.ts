import { html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { confirmStep } from "../../components/bn-dialog.ts";
import "../../components/bn-error.ts";
import "../../components/bn-icon.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-status.ts";
import "../../components/bn-table.ts";
import type { Column } from "../../components/bn-table.ts";
import "../../components/bn-time.ts";
import { Load } from "../../controllers/load.ts";
import type { People } from "../../data/people.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import type { Role, User } from "../../data/types.ts";
import "../../panels/bn-password-dialog.ts";
import { barStyles } from "../../styles/bar.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-reset-link-dialog.ts";
import "./bn-user-dialog.ts";

interface UsersAndRoles {
  users: User[];
  roles: Role[];
}

/** People who can sign in: add, give a role, disable, set a password, remove. */
@customElement("bn-user-list")
export class BnUserList extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, barStyles];

  @property({ attribute: false }) people: People | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  readonly #load = new Load<UsersAndRoles>(this, async () => {
    const [users, roles] = await Promise.all([this.people?.users(), this.people?.roles()]);
    return { users: users ?? [], roles: roles ?? [] };
  });

  protected override firstUpdated(): void {
    void this.#load.run();
  }

  #isSelf(user: User): boolean {
    const state = this.session?.state.value;
    return state?.kind === "signed-in" && state.user.id === user.id;
  }

  /** Does one change, tells of it, and shows the new list; a refusal is told too. */
  async #change(work: () => Promise<unknown>, told: string): Promise<void> {
    try {
      await work();
      this.toasts?.say(told);
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
    await this.#load.run();
  }

  async #remove(user: User): Promise<void> {
    const isSure = await confirmStep({
      heading: `Remove ${user.name}?`,
      consequence: `${user.name} can no longer sign in; their sessions end and their API tokens stop working at once. What they did stays in the audit log.`,
      verb: `Remove ${user.name}`,
    });
    if (isSure) await this.#change(async () => this.people?.removeUser(user.id), `${user.name} was removed`);
  }

  async #toggleDisabled(user: User): Promise<void> {
    if (!user.disabled) {
      const isSure = await confirmStep({
        heading: `Disable ${user.name}?`,
        consequence: `${user.name} is signed out everywhere and cannot sign in until you enable them again. Their API tokens are revoked.`,
        verb: `Disable ${user.name}`,
      });
      if (!isSure) return;
    }
    const told = user.disabled ? `${user.name} can sign in again` : `${user.name} is disabled`;
    await this.#change(async () => this.people?.changeUser(user.id, { disabled: !user.disabled }), told);
  }

  async #makeLink(user: User): Promise<void> {
    try {
      const link = await this.people?.createResetLink(user.id);
      if (link) await this.renderRoot.querySelector("bn-reset-link-dialog")?.open(link);
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
  }

  async #setRole(user: User, select: EventTarget | null): Promise<void> {
    if (!(select instanceof HTMLSelectElement)) return;
    const role = select.value;
    await this.#change(async () => this.people?.changeUser(user.id, { role }), `${user.name} is now ${role}`);
  }

  #columns(roles: readonly Role[]): readonly Column<User>[] {
    const canWrite = this.session?.can("users:write") === true;
    const canRemove = this.session?.can("users:admin") === true;
    return [
      {
        id: "name",
        label: "User",
        draw: (row) => (this.#isSelf(row) ? html`${row.name} <span class="faint">· you</span>` : row.name),
        compare: (a, b) => a.name.localeCompare(b.name),
      },
      {
        id: "state",
        label: "State",
        draw: (row) =>
          row.disabled
            ? html`<bn-status level="unknown">Disabled</bn-status>`
            : html`<bn-status level="calm">${row.hasPassword ? "Active" : "Active, by provider"}</bn-status>`,
      },
      { id: "role", label: "Role", draw: (row) => this.#role(row, roles, canWrite), isWide: true },
      {
        id: "seen",
        label: "Last sign-in",
        draw: (row) => html`<bn-time .at=${row.lastSignInAt}></bn-time>`,
        compare: (a, b) => Date.parse(a.lastSignInAt ?? "0") - Date.parse(b.lastSignInAt ?? "0"),
      },
      {
        id: "created",
        label: "Added",
        draw: (row) => html`<bn-time .at=${row.createdAt}></bn-time>`,
        isSecondary: true,
      },
      { id: "actions", label: "", draw: (row) => this.#actions(row, canWrite, canRemove) },
    ];
  }

  #role(user: User, roles: readonly Role[], canWrite: boolean): unknown {
    if (!canWrite || this.#isSelf(user)) return user.role;
    return html`<select
      aria-label="Role of ${user.name}"
      title=${roles.find(({ name }) => name === user.role)?.description ?? ""}
      @change=${(event: Event) => this.#setRole(user, event.target)}
    >
      ${roles.map(({ name }) => html`<option value=${name} ?selected=${name === user.role}>${name}</option>`)}
    </select>`;
  }

  #actions(user: User, canWrite: boolean, canRemove: boolean): unknown {
    if (this.#isSelf(user)) return html`<a class="button quiet" href="/account">Your account</a>`;
    return html`<span class="row">
      ${
        canWrite
          ? html`<button
                class="button quiet"
                type="button"
                @click=${() => void this.renderRoot.querySelector("bn-password-dialog")?.open(user)}
              >
                Set password
              </button>
              ${
                user.disabled
                  ? nothing
                  : html`<button class="button quiet" type="button" @click=${() => this.#makeLink(user)}>Reset link</button>`
              }
              <button class="button quiet" type="button" @click=${() => this.#toggleDisabled(user)}>
                ${user.disabled ? "Enable" : "Disable"}
              </button>`
          : nothing
      }
      ${
        canRemove
          ? html`<button class="button quiet danger" type="button" @click=${() => this.#remove(user)}>Remove</button>`
          : nothing
      }
    </span>`;
  }

  protected override render(): unknown {
    const { state } = this.#load;
    if (state.kind === "loading") return html`<bn-skeleton shape="block"></bn-skeleton>`;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    const { users, roles } = state.value;
    return html`<div class="bar">
        <span class="soft">${users.length === 1 ? "1 user" : `${users.length} users`}</span>
        ${
          this.session?.can("users:write")
            ? html`<button
              class="button primary"
              type="button"
              @click=${() => void this.renderRoot.querySelector("bn-user-dialog")?.open()}
            >
              <bn-icon name="plus"></bn-icon>Add a user
            </button>`
            : nothing
        }
      </div>
      <bn-table
        label="Users"
        .columns=${this.#columns(roles)}
        .rows=${users}
        .keyOf=${(row: User) => row.id}
      ></bn-table>
      <bn-user-dialog
        .people=${this.people}
        .roles=${roles}
        @created=${(event: CustomEvent<string>) => this.#change(async () => undefined, `${event.detail} was added`)}
      ></bn-user-dialog>
      <bn-password-dialog
        .people=${this.people}
        @changed=${() => this.toasts?.say("The new password is set")}
      ></bn-password-dialog>
      <bn-reset-link-dialog></bn-reset-link-dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-user-list": BnUserList;
  }
}
