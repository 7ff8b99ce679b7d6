import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../../components/bn-dialog.ts";
import "../../components/bn-error.ts";
import "../../components/bn-icon.ts";
import { Action } from "../../controllers/action.ts";
import { permissionSummary } from "../../data/permission-words.ts";
import { nameOf, pluginHref } from "../../data/plugin-words.ts";
import type { Plugins } from "../../data/plugins.ts";
import type { Plugin } from "../../data/plugins-types.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatBytes } from "../../lib/format.ts";
import { dialogFormStyles } from "../../panels/dialog-styles.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";

/** The server's limit is its own; this one spares a pointless upload. */
const MAX_ARCHIVE_BYTES = 64 * 1024 * 1024;
const ARCHIVES = /\.(zip|tgz|tar\.gz|tar)$/i;

/** Installs a plugin from an archive and says what it asks for. Fires `installed`. */
@customElement("bn-install-dialog")
export class BnInstallDialog extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    dialogFormStyles,
    css`
      .place {
        display: grid;
        justify-items: center;
        gap: var(--space-2);
        padding: var(--space-6) var(--space-4);
        border: 1px dashed var(--line-strong);
        border-radius: var(--radius);
        color: var(--soft);
        font-size: var(--text-13);
        text-align: center;
      }

      .place bn-icon {
        --icon-size: 22px;
      }

      .place.over {
        border-color: var(--brass);
        background: var(--brass-wash);
      }

      input[type="file"] {
        width: auto;
        max-width: 100%;
        padding: 0;
        border: 0;
        background: none;
        font-size: var(--text-13);
      }

      .refusal {
        color: var(--alarm);
        font-size: var(--text-13);
      }
    `,
  ];

  @property({ attribute: false }) plugins: Plugins | undefined;
  @state() private archive: File | undefined;
  @state() private installed: Plugin | undefined;
  @state() private isOver = false;
  readonly #install = new Action(this);

  /** With an archive that was dropped elsewhere, begins with that. */
  async open(archive?: File): Promise<void> {
    this.archive = undefined;
    this.installed = undefined;
    this.#install.clear();
    const opened = this.renderRoot.querySelector("bn-dialog")?.open();
    if (archive !== undefined) void this.#take(archive);
    await opened;
  }

  /** Why a file is not even sent. */
  #refusal(archive: File): string | undefined {
    if (!ARCHIVES.test(archive.name)) return "A plugin comes as .zip, .tar.gz, .tgz or .tar.";
    if (archive.size > MAX_ARCHIVE_BYTES)
      return `It is larger than ${formatBytes(MAX_ARCHIVE_BYTES)}, which no plugin may be.`;
    return undefined;
  }

  async #take(archive: File | null | undefined): Promise<void> {
    const { plugins } = this;
    if (archive === null || archive === undefined || plugins === undefined) return;
    this.archive = archive;
    if (this.#refusal(archive) !== undefined) return;
    await this.#install.run(async () => {
      this.installed = await plugins.install(archive);
      this.dispatchEvent(new Event("installed"));
    });
  }

  #drop(event: DragEvent): void {
    event.preventDefault();
    this.isOver = false;
    void this.#take(event.dataTransfer?.files.item(0));
  }

  #choose({ target }: Event): void {
    if (target instanceof HTMLInputElement) void this.#take(target.files?.item(0));
  }

  #outcome(plugin: Plugin): unknown {
    const count = plugin.permissions.length;
    const close = () => this.renderRoot.querySelector("bn-dialog")?.close();
    return html`<div class="done">
      <p><b><bdi>${nameOf(plugin)}</bdi> ${foreignText(plugin.version, 40)}</b> is installed.</p>
      ${
        plugin.needsApproval
          ? html`<p class="soft">
              It asks for ${count === 1 ? "one permission" : `${count} permissions`} (${permissionSummary(plugin.permissions)})
              and does nothing before somebody has approved ${count === 1 ? "it" : "them"}.
            </p>`
          : html`<p class="soft">It asks for no permission that would need your approval.</p>`
      }
      <footer>
        <button class="button" type="button" @click=${close}>Later</button>
        <a class="button primary" href=${pluginHref(plugin.id, plugin.needsApproval ? "permissions" : "overview")} @click=${close}
          >${plugin.needsApproval ? "Review what it asks for" : "See the plugin"}</a
        >
      </footer>
    </div>`;
  }

  #form(): unknown {
    const { archive } = this;
    const { problem, isBusy } = this.#install;
    const refusal = archive === undefined ? undefined : this.#refusal(archive);
    return html`<div class="done">
      <div
        class=${this.isOver ? "place over" : "place"}
        @dragover=${(event: DragEvent) => {
          event.preventDefault();
          this.isOver = true;
        }}
        @dragleave=${() => {
          this.isOver = false;
        }}
        @drop=${this.#drop}
      >
        <bn-icon name="upload"></bn-icon>
        ${isBusy && archive !== undefined ? html`<span role="status">Installing ${foreignText(archive.name, 80)} (${formatBytes(archive.size)})…</span>` : html`<span>Drop a .zip or .tar.gz here, or choose one</span>`}
        <input
          type="file"
          aria-label="Archive of a plugin"
          accept=".zip,.tgz,.gz,.tar"
          ?disabled=${isBusy}
          @change=${this.#choose}
        />
      </div>
      ${refusal === undefined ? nothing : html`<p class="refusal" role="alert">${foreignText(archive?.name ?? "", 80)}: ${refusal}</p>`}
      ${problem === undefined ? nothing : html`<bn-error .problem=${problem}></bn-error>`}
      <p class="soft">
        What it may do is shown before it does anything. On the server itself:
        <code>binnacle plugin install FOLDER</code>
      </p>
    </div>`;
  }

  protected override render(): unknown {
    return html`<bn-dialog heading="Install a plugin"
      >${this.installed === undefined ? this.#form() : this.#outcome(this.installed)}</bn-dialog
    >`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-install-dialog": BnInstallDialog;
  }
}
