import { html, LitElement, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { SchemaFormChange } from "../../components/bn-schema-form.ts";
import { Action } from "../../controllers/action.ts";
import type { Alerts } from "../../data/alerts.ts";
import type { Defined } from "../../data/alerts-types.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { baseStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-definition-form.ts";
import { tabHref } from "./filters.ts";
import { goTo } from "./go-to.ts";
import type { Draft, RoutingForm, RoutingKind } from "./routing-fields.ts";
import { ROUTING_FORMS } from "./routing-forms.ts";

/** The editor of a channel, a route or a maintenance window. Fires `saved` (CustomEvent<id>). */
@customElement("bn-routing-editor")
export class BnRoutingEditor extends LitElement {
  static override styles = [baseStyles, layoutStyles];

  @property({ attribute: false }) alerts: Alerts | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) kind: RoutingKind = "route";
  @property({ attribute: false }) channels: readonly Defined<"channel">[] = [];
  /** What is edited; absent for something new. */
  @property({ attribute: false }) edited: Defined<RoutingKind> | undefined;
  /** What is no field of the form and yet part of it. */
  @property({ attribute: false }) fixed: Draft = {};
  /** Undefined while nothing was changed. */
  @state() private draft: Draft | undefined;
  readonly #save = new Action(this);

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get("edited");
    const isOther = changed.has("edited") && before?.id !== this.edited?.id;
    if (isOther || changed.has("kind")) this.draft = undefined;
  }

  // The table of forms gives the form of whichever kind this is.
  get #form(): RoutingForm<RoutingKind> {
    return ROUTING_FORMS[this.kind] as RoutingForm<RoutingKind>;
  }

  get #values(): Draft {
    if (this.draft !== undefined) return this.draft;
    return this.edited === undefined ? this.#form.blank() : this.#form.draftOf(storedOf(this.edited));
  }

  async #store(): Promise<void> {
    const { alerts, kind } = this;
    if (alerts === undefined) return;
    const body = this.#form.bodyOf({ ...this.#values, ...this.fixed });
    let id = "";
    const isDone = await this.#save.run(async () => {
      ({ id } = await alerts.save(kind, body, this.edited?.id));
    });
    if (!isDone) return;
    this.draft = undefined;
    this.renderRoot.querySelector("bn-definition-form")?.reset();
    this.toasts?.say(`The ${this.#form.noun} ${foreignText(body.name)} is saved`);
    this.dispatchEvent(new CustomEvent("saved", { detail: id }));
  }

  protected override render(): unknown {
    const { noun, schema, judge, fieldOf } = this.#form;
    const values = this.#values;
    return html`<bn-definition-form
      heading=${this.edited === undefined ? `New ${noun}` : foreignText(this.edited.name)}
      .schema=${schema(this.channels, values)}
      .values=${{ ...values }}
      .judge=${judge}
      .fieldOf=${(pointer: string) => fieldOf(pointer, values)}
      .problem=${this.#save.problem}
      ?busy=${this.#save.isBusy}
      ?read-only=${this.session?.can("alerts:write") !== true}
      @change=${({ detail }: CustomEvent<SchemaFormChange>) => {
        this.draft = detail.values;
        this.#save.clear();
      }}
      @save=${() => void this.#store()}
      @cancel=${() => goTo(this, tabHref("routing"))}
    ></bn-definition-form>`;
  }
}

/** What of it is written, without what the server stamped on it. */
function storedOf<Kind extends RoutingKind>(defined: Defined<Kind>) {
  const { id: _id, createdAt: _createdAt, updatedAt: _updatedAt, updatedBy: _updatedBy, ...body } = defined;
  return body as unknown as Defined<Kind>;
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-routing-editor": BnRoutingEditor;
  }
}
