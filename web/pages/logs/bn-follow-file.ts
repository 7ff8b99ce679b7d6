import { css, html, LitElement } from "lit";
import { customElement, state } from "lit/decorators.js";
import "../../components/bn-copy.ts";
import "../../components/bn-dialog.ts";
import "../../components/bn-field.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";
import { FILE_FORMATS, type FileWish, watchedFileText } from "./watched-file-text.ts";

const FIRST: FileWish = { path: "/var/log/nginx/*.log", source: "", format: "auto", isFromEnd: false };

/**
 * How to have a file followed. The dashboard writes the lines, a person puts them into the configuration file: no API may
 * name files, else whoever holds a session could read any.
 */
@customElement("bn-follow-file")
export class BnFollowFile extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    css`
      form {
        display: grid;
        gap: var(--space-3);
      }

      p {
        color: var(--soft);
        font-size: var(--text-13);
      }

      pre {
        margin: 0;
        padding: var(--space-3);
        border: 1px solid var(--line);
        border-radius: var(--radius-small);
        background: var(--sunken);
        overflow: auto;
        font-family: var(--font-mono);
        font-size: var(--text-12);
      }

      label {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        min-height: var(--control-height);
        font-size: var(--text-13);
      }
    `,
  ];

  @state() private wish: FileWish = FIRST;

  async open(): Promise<void> {
    await this.renderRoot.querySelector("bn-dialog")?.open();
  }

  #read({ currentTarget }: Event): void {
    if (!(currentTarget instanceof HTMLFormElement)) return;
    const fields = new FormData(currentTarget);
    this.wish = {
      path: String(fields.get("path")).trim(),
      source: String(fields.get("source")).trim(),
      format: FILE_FORMATS.find((format) => format === fields.get("format")) ?? "auto",
      isFromEnd: fields.has("fromEnd"),
    };
  }

  protected override render(): unknown {
    const text = watchedFileText(this.wish);
    return html`<bn-dialog heading="Follow a file">
      <form @input=${this.#read} @submit=${(event: Event) => event.preventDefault()}>
        <p>
          Which files are read is said in the configuration file of the machine and nowhere else: whoever could say it here
          could read any file. Put these lines there; they take effect when the file is saved.
        </p>
        <bn-field label="Path" help="Absolute; * stands for any name"
          ><input name="path" maxlength="1000" autocomplete="off" spellcheck="false" value=${FIRST.path}
        /></bn-field>
        <bn-field label="Source" help="Under which name its lines stand; the file's own unless given"
          ><input name="source" maxlength="100" autocomplete="off" spellcheck="false"
        /></bn-field>
        <bn-field label="Format" help="Auto looks at each line"
          ><select name="format">
            ${FILE_FORMATS.map((format) => html`<option>${format}</option>`)}
          </select></bn-field
        >
        <label><input type="checkbox" name="fromEnd" />Leave out what is there already</label>
        <pre tabindex="0" role="region" aria-label="Lines for the configuration file">${text}</pre>
        <div><bn-copy .text=${text} label="Copy these lines"></bn-copy></div>
      </form>
    </bn-dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-follow-file": BnFollowFile;
  }
}
