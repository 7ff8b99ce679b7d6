import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import { PERMISSION_DESCRIPTIONS } from "../../../schema/rules/plugins.ts";
import "../../components/bn-copy.ts";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-status.ts";
import "../../components/bn-time.ts";
import { Action } from "../../controllers/action.ts";
import { Load } from "../../controllers/load.ts";
import { byKind, grantWords, kindWord } from "../../data/permission-words.ts";
import { nameOf } from "../../data/plugin-words.ts";
import type { Plugins } from "../../data/plugins.ts";
import type { Approval, PluginDetail } from "../../data/plugins-types.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatBytes, formatFigure } from "../../lib/format.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import { permissionStyles } from "./permission-styles.ts";
import { pluginStyles } from "./plugin-styles.ts";

type Grant = Approval["permissions"][number];
type ReviewedFile = Approval["files"][number];

const DIGEST_SHOWN = 12;
const GRANT_MARKS: Record<Grant["change"], string> = {
  same: "",
  added: "+ Added",
  removed: "− No longer asked for",
};
const FILE_WORDS: Record<ReviewedFile["change"], string> = {
  same: "unchanged",
  added: "+ Added",
  changed: "± Changed",
  removed: "− Removed",
};

/** What a plugin may do and why, what an update changes of it, its bytes, and the approval of exactly these. Fires `done`. */
@customElement("bn-plugin-permissions")
export class BnPluginPermissions extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, pluginStyles, permissionStyles];

  @property({ attribute: false }) plugins: Plugins | undefined;
  @property({ attribute: false }) plugin: PluginDetail | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  readonly #load = new Load<Approval | undefined>(this, async () =>
    this.plugin === undefined ? undefined : this.plugins?.approval(this.plugin.id),
  );
  readonly #approve = new Action(this);

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("plugin")) void this.#load.run();
  }

  async #agree({ digest, version, permissions }: Approval): Promise<void> {
    const { plugin, plugins } = this;
    if (plugin === undefined || plugins === undefined) return;
    const asked = permissions.filter(({ change }) => change !== "removed");
    const isDone = await this.#approve.run(async () => {
      await plugins.approve(plugin.id, digest, [...new Set(asked.map(({ kind }) => kind))]);
    });
    if (isDone) this.toasts?.say(`${nameOf(plugin)} ${foreignText(version, 40)} is approved`);
    await this.#load.run();
    this.dispatchEvent(new Event("done"));
  }

  #standing(plugin: PluginDetail, approval: Approval): unknown {
    const { isNeeded, version, approved, permissions } = approval;
    const added = permissions.filter(({ change }) => change === "added").length;
    const asks = added === 1 ? "one permission more" : `${added} permissions more`;
    if (isNeeded)
      return html`<div>
        <bn-status level="watch">${approved === null ? "Nobody has approved it yet" : "The update waits for approval"}</bn-status>
        <p>
          ${
            approved === null
              ? `It does nothing before you have looked at what version ${foreignText(version, 40)} asks for.`
              : html`Version ${foreignText(approved.version, 40)} runs on with what was granted to it.
                Version ${foreignText(version, 40)} ${added === 0 ? "has other code and asks for nothing more" : `asks for ${asks}`}.`
          }
        </p>
      </div>`;
    if (plugin.block?.code === "not_allowed")
      return html`<div>
        <bn-status level="watch">Not allowed on this server</bn-status>
        <p>${foreignText(plugin.block.message, 500)}</p>
      </div>`;
    return html`<div>
      <bn-status level="calm">${permissions.length === 0 ? "It asks for nothing" : "Approved"}</bn-status>
      <p>
        ${
          approved === null
            ? unasked(plugin, permissions.length)
            : html`Version ${foreignText(approved.version, 40)}, by ${foreignText(approved.by.split("/").at(-1) ?? "", 80)}
              <bn-time .at=${approved.at}></bn-time>.`
        }
      </p>
    </div>`;
  }

  #grants(approval: Approval): unknown {
    const groups = byKind(approval.permissions);
    if (groups.length === 0)
      return html`<p class="note">It asks for no permission: it computes with its input and reaches neither files, network, programs nor secrets.</p>`;
    return html`<ul class="kinds">
      ${groups.map(
        ({ kind, grants }) => html`<li>
          <div class="kind"><h3>${kindWord(kind)}</h3><p>${PERMISSION_DESCRIPTIONS[kind]}</p></div>
          <ul class="grants">
            ${grants.map((grant) => this.#grant(grant, approval.approved !== null))}
          </ul>
        </li>`,
      )}
    </ul>`;
  }

  /** Marked only against what was approved before: of a first approval everything is new. */
  #grant({ text, why, now, change: found }: Grant, isUpdate: boolean): unknown {
    const change = isUpdate ? found : "same";
    return html`<li class=${change}>
      <code><bdi>${grantWords(text, this.plugin?.config?.schema)}</bdi></code>
      ${change === "same" ? nothing : html`<b class="mark">${GRANT_MARKS[change]}</b>`}
      ${now === null ? nothing : html`<span class="now">${now.length === 0 ? "Nothing yet: not configured" : html`Now <bdi>${now.map((one) => grantWords(one)).join(", ")}</bdi>`}</span>`}
      <span class="why">${why === "" ? html`<i>The author gives no reason</i>` : html`<bdi>“${foreignText(why, 500)}”</bdi>`}</span>
    </li>`;
  }

  #files({ files: found, digest, signedBy, approved }: Approval): unknown {
    const files =
      approved === null ? found.map((file): ReviewedFile => ({ ...file, change: "same" })) : found;
    const changed = files.filter(({ change }) => change !== "same").length;
    return html`<section class="panel" aria-labelledby="files">
      <header>
        <h2 id="files">Files</h2>
        <span class="faint">${files.length} files · ${approved === null ? "none approved before" : changed === 0 ? "none changed" : `${changed} changed`}</span>
      </header>
      <dl class="facts">
        <dt>Digest</dt>
        <dd class="row"><code class="wrap">${digest}</code><bn-copy compact .text=${digest} label="Copy"></bn-copy></dd>
        <dt>Signature</dt>
        <dd>
          ${
            signedBy === null
              ? html`<bn-status level="unknown">Not signed</bn-status>`
              : html`<bn-status level="calm">Signed</bn-status> by key <code>${foreignText(signedBy)}</code>`
          }
        </dd>
      </dl>
      <details ?open=${changed > 0 && files.length <= 20}>
        <summary>All files and their hashes</summary>
        <ul class="files">
          ${files.map((file) => this.#file(file, approved !== null))}
        </ul>
      </details>
    </section>`;
  }

  #file({ path, sha256, sizeBytes, change }: ReviewedFile, isUpdate: boolean): unknown {
    return html`<li class=${change}>
      <code class="wrap"><bdi>${foreignText(path)}</bdi></code>
      <span class="mark">${isUpdate ? FILE_WORDS[change] : nothing}</span>
      <span class="faint">${formatBytes(sizeBytes)}</span>
      <code class="faint" title=${sha256}>${sha256.slice(0, DIGEST_SHOWN)}</code>
    </li>`;
  }

  #decisions({ decisions }: PluginDetail): unknown {
    return html`<section class="panel" aria-labelledby="decisions">
      <header>
        <h2 id="decisions">What it asked for so far</h2>
        <span class="faint">Since its process started; each refusal stands in the <a href="/audit?action=plugin&outcome=denied">audit log</a></span>
      </header>
      ${
        decisions.length === 0
          ? html`<p class="note">Nothing yet.</p>`
          : html`<ul class="decisions">
            ${decisions.map(
              ({ kind, allowed, denied }) => html`<li>
                <code>${foreignText(kind, 60)}</code>
                <span>${formatFigure(allowed, 0)} granted</span>
                ${denied === 0 ? html`<span class="faint">none refused</span>` : html`<bn-status level="alarm">${formatFigure(denied, 0)} refused</bn-status>`}
              </li>`,
            )}
          </ul>`
      }
    </section>`;
  }

  #review(plugin: PluginDetail, approval: Approval): unknown {
    const canApprove = approval.isNeeded && this.session?.can("plugins:admin") === true;
    return html`<div class="stack">
      <section class="panel" aria-labelledby="permissions">
        <header><h2 id="permissions">What it may do</h2></header>
        <div class="standing">${this.#standing(plugin, approval)}</div>
        ${this.#grants(approval)}
      </section>
      ${this.#files(approval)}
      ${this.#approve.problem === undefined ? nothing : html`<section class="panel"><bn-error .problem=${this.#approve.problem}></bn-error></section>`}
      ${canApprove ? this.#agreement(approval) : nothing} ${this.#decisions(plugin)}
    </div>`;
  }

  #agreement(approval: Approval): unknown {
    return html`<section class="panel agreement" aria-label="Approval">
      <p>
        You approve exactly these bytes, <code>${approval.digest.slice(0, DIGEST_SHOWN)}</code>. Other code, or one permission
        more, will wait here again.
      </p>
      <button class="button primary" type="button" ?disabled=${this.#approve.isBusy} @click=${() => void this.#agree(approval)}>
        Approve version ${foreignText(approval.version, 40)}
      </button>
    </section>`;
  }

  protected override render(): unknown {
    const { state } = this.#load;
    const { plugin } = this;
    if (state.kind === "failed")
      return html`<section class="panel"><bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error></section>`;
    if (state.kind === "loading" || state.value === undefined || plugin === undefined)
      return html`<bn-skeleton shape="block"></bn-skeleton>`;
    return this.#review(plugin, state.value);
  }
}

/** Why nobody had to be asked. */
function unasked({ origin }: PluginDetail, permissions: number): string {
  if (origin === "bundled") return "It ships with Binnacle and is pinned inside the program.";
  if (permissions > 0) return "The settings of this server grant it what it asks for.";
  return "Without permissions it computes, and reaches nothing; no approval is needed.";
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-plugin-permissions": BnPluginPermissions;
  }
}
