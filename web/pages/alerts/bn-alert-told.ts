import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-status.ts";
import type { StatusLevel } from "../../components/bn-status.ts";
import "../../components/bn-time.ts";
import type { AlertMessage, AlertNotice, AlertNotices } from "../../data/alerts-types.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { baseStyles, layoutStyles } from "../../styles/shared.ts";
import { tabHref } from "./filters.ts";

const MAX_REASON = 300;
const RESULTS: Readonly<Record<AlertMessage["state"], { level: StatusLevel; word: string }>> = {
  waiting: { level: "unknown", word: "Waiting" },
  leased: { level: "info", word: "Being sent" },
  delivered: { level: "calm", word: "Delivered" },
  dead: { level: "alarm", word: "Given up" },
  forgotten: { level: "unknown", word: "No longer kept" },
};
const HELD_WORDS: Readonly<Record<string, string>> = {
  maintenance: "a maintenance window is open",
  quiet_hours: "it is the route's quiet hours",
  inhibited: "an alert that it depends on is open",
  flapping: "it comes and goes too often",
};

/** Who was told of an alert, with what result, and who is still to be told. */
@customElement("bn-alert-told")
export class BnAlertTold extends LitElement {
  static override styles = [
    baseStyles,
    layoutStyles,
    css`
      li {
        display: grid;
        grid-template-columns: 130px minmax(0, 1fr);
        gap: 2px var(--space-4);
        padding: var(--space-3) var(--space-4);
        font-size: var(--text-13);
      }

      li + li,
      .still + ul {
        border-top: 1px solid var(--line);
      }

      li p {
        overflow-wrap: anywhere;
      }

      .reason {
        grid-column: 2;
        color: var(--soft);
      }

      .still {
        display: grid;
        gap: var(--space-1);
      }

      .still,
      .none {
        padding: var(--space-3) var(--space-4);
        color: var(--soft);
        font-size: var(--text-13);
      }

      @media (max-width: 720px) {
        li {
          grid-template-columns: minmax(0, 1fr);
        }

        .reason {
          grid-column: 1;
        }
      }
    `,
  ];

  @property({ attribute: false }) told: AlertNotices = { notices: [], messages: [] };

  #message({ state, channel, route, reason, at, attempts, lastError }: AlertMessage): unknown {
    const { level, word } = RESULTS[state];
    return html`<li>
      <bn-status level=${level}>${word}</bn-status>
      <p>
        <b><bdi>${foreignText(channel ?? "a removed channel")}</bdi></b>
        by ${route === null ? "a removed route" : html`the route <bdi>${foreignText(route)}</bdi>`}${reason === "escalation" ? ", as escalation" : ""}
        · <bn-time .at=${at}></bn-time>${attempts > 1 ? ` · ${attempts} attempts` : ""}
      </p>
      ${lastError === null || state === "delivered" ? nothing : html`<p class="reason">${foreignText(lastError, MAX_REASON)}</p>`}
    </li>`;
  }

  #still({ route, heldBy, dueAt, escalateAt }: AlertNotice): unknown {
    const name = html`<b><bdi>${foreignText(route ?? "a removed route")}</bdi></b>`;
    const held = heldBy === null ? undefined : (HELD_WORDS[heldBy] ?? foreignText(heldBy));
    if (held !== undefined)
      return html`<p>${name} is not told now: ${held}. Looked at again <bn-time .at=${dueAt}></bn-time>.</p>`;
    if (dueAt !== null) return html`<p>${name} is to be told <bn-time .at=${dueAt}></bn-time>.</p>`;
    return escalateAt === null
      ? nothing
      : html`<p>${name} escalates <bn-time .at=${escalateAt}></bn-time> unless somebody acknowledges.</p>`;
  }

  protected override render(): unknown {
    const { notices, messages } = this.told;
    const isNothing = notices.length === 0 && messages.length === 0;
    const hasPending = notices.some(({ dueAt, escalateAt }) => dueAt !== null || escalateAt !== null);
    return html`<section class="panel" aria-labelledby="told">
      <header><h2 id="told">Who was told</h2></header>
      ${isNothing ? html`<p class="none">Nobody: <a href=${tabHref("routing")}>no route</a> takes it.</p>` : nothing}
      ${hasPending ? html`<div class="still">${notices.map((notice) => this.#still(notice))}</div>` : nothing}
      ${!isNothing && !hasPending && messages.length === 0 ? html`<p class="none">Nobody yet.</p>` : nothing}
      ${messages.length === 0 ? nothing : html`<ul>${messages.map((message) => this.#message(message))}</ul>`}
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-alert-told": BnAlertTold;
  }
}
