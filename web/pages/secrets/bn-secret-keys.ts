import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { confirmStep } from "../../components/bn-dialog.ts";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-status.ts";
import "../../components/bn-time.ts";
import { Load } from "../../controllers/load.ts";
import type { RotatedKey, SecretKeys, SecretVault } from "../../data/secrets.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import "../../panels/bn-recovery-key.ts";
import { lineStyles } from "../../styles/line.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";

/** How often a rotation under way is asked for its progress. */
const PROGRESS_MS = 300;

/** The keys that protect secrets: recovery key, data key, master key. */
@customElement("bn-secret-keys")
export class BnSecretKeys extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    lineStyles,
    css`
      bn-skeleton {
        margin: var(--space-4);
      }

      .line > div:first-child {
        flex: 1 1 280px;
      }

      h2 {
        font-size: var(--text-14);
      }

      p {
        max-width: 72ch;
        color: var(--soft);
        font-size: var(--text-13);
      }

      progress {
        width: 100%;
        max-width: 320px;
        accent-color: var(--brass);
      }
    `,
  ];

  @property({ attribute: false }) vault: SecretVault | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @state() private rotating: RotatedKey | undefined;
  readonly #load = new Load<SecretKeys | undefined>(this, async () => this.vault?.keys());

  protected override firstUpdated(): void {
    void this.#load.run();
  }

  async #rotate(key: RotatedKey): Promise<void> {
    const isSure =
      key === "data" ||
      (await confirmStep({
        heading: "Replace the master key?",
        consequence:
          "A new key takes the place of the one in the key file. Everything goes on; a copy of the old key file opens only older copies of the data folder. The recovery key stays as it is.",
        verb: "Replace the master key",
      }));
    if (!isSure) return;
    this.rotating = key;
    const timer = setInterval(() => void this.#load.run(), PROGRESS_MS);
    try {
      const { secrets } = (await this.vault?.rotate(key)) ?? { secrets: 0 };
      const sealed = secrets === 1 ? "1 secret is" : `${secrets} secrets are`;
      this.toasts?.say(
        key === "data" ? `${sealed} encrypted with a new data key` : "The master key was replaced",
      );
    } catch (error) {
      this.toasts?.sayFailure(error);
    } finally {
      clearInterval(timer);
      this.rotating = undefined;
    }
    await this.#load.run();
  }

  #recovery(keys: SecretKeys, canAdmin: boolean): unknown {
    const { recoveryKeyCreatedAt: createdAt, recoveryKeyConfirmedAt: confirmedAt } = keys;
    const panel = () => this.renderRoot.querySelector("bn-recovery-key");
    const state = confirmedAt
      ? html`<bn-status level="calm">Kept safely</bn-status>
          <p>Confirmed <bn-time .at=${confirmedAt}></bn-time>. It opens the secrets when the key file is lost.</p>`
      : html`<bn-status level="watch">${createdAt ? "Not confirmed" : "None made"}</bn-status>
          <p>
            ${
              createdAt
                ? "A recovery key was shown, and nobody has confirmed that it is kept. Once the key file of this server is lost, nothing else opens the secrets."
                : "Whoever loses the key file of this server loses every secret. A recovery key that is kept elsewhere opens them again."
            }
          </p>`;
    return html`<div class="line">
      <div><h2>Recovery key</h2>${state}</div>
      ${
        canAdmin
          ? html`<div class="row">
              ${
                createdAt && !confirmedAt
                  ? html`<button class="button" type="button" @click=${() => void panel()?.confirm()}>Confirm it</button>`
                  : nothing
              }
              <button class="button ${confirmedAt ? "" : "primary"}" type="button" @click=${() => void panel()?.make()}>
                ${createdAt ? "Make a new one" : "Make a recovery key"}
              </button>
            </div>`
          : nothing
      }
    </div>`;
  }

  #dataKey(keys: SecretKeys, canAdmin: boolean): unknown {
    const { rotation } = keys;
    return html`<div class="line">
      <div>
        <h2>Data key</h2>
        <p>
          Number ${keys.dataKeyVersion}, made <bn-time .at=${keys.dataKeyCreatedAt}></bn-time>. It encrypts the secrets
          (AES-256-GCM).
          ${keys.secretsUnderOldKeys > 0 ? `${keys.secretsUnderOldKeys} secrets wait to be encrypted with it.` : nothing}
        </p>
        ${
          this.rotating === "data"
            ? html`<progress
                aria-label="Secrets encrypted anew"
                max=${rotation?.total ?? nothing}
                .value=${rotation?.done ?? 0}
              ></progress>`
            : nothing
        }
      </div>
      ${
        canAdmin
          ? html`<button class="button" type="button" ?disabled=${this.rotating !== undefined} @click=${() => this.#rotate("data")}>
              ${this.rotating === "data" ? "Encrypting…" : "Encrypt with a new key"}
            </button>`
          : nothing
      }
    </div>`;
  }

  #masterKey(keys: SecretKeys, canAdmin: boolean): unknown {
    const isFile = keys.master === "file";
    return html`<div class="line">
      <div>
        <h2>Master key</h2>
        <p>
          ${
            isFile
              ? "In the key file of the data folder, readable by its owner only. It protects the data key and the key of the audit log."
              : "Held by the environment (BINNACLE_KEY). To replace it, start with the new one there and the present one as BINNACLE_KEY_PREVIOUS."
          }
        </p>
      </div>
      ${
        canAdmin && isFile
          ? html`<button class="button danger" type="button" ?disabled=${this.rotating !== undefined} @click=${() => this.#rotate("master")}>
              ${this.rotating === "master" ? "Replacing…" : "Replace the master key"}
            </button>`
          : nothing
      }
    </div>`;
  }

  protected override render(): unknown {
    const { state } = this.#load;
    const canAdmin = this.session?.can("secrets:admin") === true;
    if (state.kind === "failed")
      return html`<section class="panel"><bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error></section>`;
    const keys = state.kind === "ready" ? state.value : undefined;
    return html`<section class="panel" aria-label="Keys">
      ${
        keys === undefined
          ? html`<bn-skeleton shape="block"></bn-skeleton>`
          : [this.#recovery(keys, canAdmin), this.#dataKey(keys, canAdmin), this.#masterKey(keys, canAdmin)]
      }
      <bn-recovery-key .vault=${this.vault} @confirmed=${() => void this.#load.run()}
        @failed=${(event: CustomEvent<unknown>) => this.toasts?.sayFailure(event.detail)}></bn-recovery-key>
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-secret-keys": BnSecretKeys;
  }
}
