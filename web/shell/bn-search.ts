import { html, LitElement } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Parts } from "../compose.ts";
import { type CommandRunner, commandEntries } from "./commands.ts";
import {
  alertEntries,
  type PaletteEntry,
  pageEntries,
  pluginEntries,
  seriesEntries,
  userEntries,
} from "./palette-entries.ts";
import "./bn-palette.ts";

/** Pages of the server that are not part of the dashboard. */
const NEW_TAB = new Set(["/graphql", "/docs"]);

/** The search palette with everything there is to find: pages, commands, alerts, plugins, series, users. */
@customElement("bn-search")
export class BnSearch extends LitElement {
  @property({ attribute: false }) parts: Parts | undefined;
  @property({ attribute: false }) runner: CommandRunner | undefined;
  @state() private entries: readonly PaletteEntry[] = [];
  #isAskedForUsers = false;

  /** Shows the palette with what is known now; users are added when they have come. */
  async open(): Promise<void> {
    const { parts, runner } = this;
    if (parts === undefined || runner === undefined) return;
    const { session, live } = parts;
    this.entries = [
      ...pageEntries(session),
      ...commandEntries(parts, runner),
      ...alertEntries(parts.alertWatch.open.value ?? []),
      ...pluginEntries(parts.pluginWatch.plugins.value ?? []),
      ...seriesEntries(live.series.value.values()),
    ];
    await this.renderRoot.querySelector("bn-palette")?.open();
    if (session.can("users:read")) await this.#addUsers(parts);
  }

  async #addUsers({ people, toasts }: Parts): Promise<void> {
    if (this.#isAskedForUsers) return;
    this.#isAskedForUsers = true;
    try {
      const users = await people.users();
      this.entries = [...this.entries, ...userEntries(users)];
    } catch (error) {
      toasts.sayFailure(error);
    } finally {
      this.#isAskedForUsers = false;
    }
  }

  #choose({ detail: { target } }: CustomEvent<PaletteEntry>): void {
    if (typeof target === "function") target();
    else if (NEW_TAB.has(target)) open(target, "_blank", "noopener");
    else this.parts?.router.navigate(target);
  }

  protected override render(): unknown {
    return html`<bn-palette .entries=${this.entries} @choose=${this.#choose}></bn-palette>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-search": BnSearch;
  }
}
