import { html, LitElement, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { type JsonPath, pointerOf, valueAt, withValueAt } from "../lib/json-path.ts";
import { readSchema, type SchemaField } from "../lib/json-schema.ts";
import { checkValue, type SchemaProblems } from "../lib/schema-check.ts";
import { linkButtonStyles } from "../styles/link-button.ts";
import { baseStyles, controlStyles } from "../styles/shared.ts";
import { drawField, type FormState } from "./schema-fields.ts";
import { schemaFormStyles } from "./schema-form-styles.ts";

const NONE: ReadonlyMap<string, string> = new Map();

/** What a form says when something in it changed. */
export interface SchemaFormChange {
  values: Record<string, unknown>;
  /** Pointer → what is wrong there. */
  problems: SchemaProblems;
}

/**
 * A form made of a JSON Schema that somebody else wrote. Fields tell what is wrong with them once they were touched, or
 * after {@link reveal}. Fires `change` (CustomEvent<SchemaFormChange>) and `confirm` when Enter is pressed in a field.
 */
@customElement("bn-schema-form")
export class BnSchemaForm extends LitElement {
  static override styles = [baseStyles, controlStyles, linkButtonStyles, schemaFormStyles];

  @property({ attribute: false }) schema: unknown;
  @property({ attribute: false }) values: Record<string, unknown> = {};
  /** What the server found wrong: pointer → sentence. It is told until the field is changed. */
  @property({ attribute: false }) refusals: ReadonlyMap<string, string> = NONE;
  /** Pointer → what holds that field. */
  @property({ attribute: false }) locks: ReadonlyMap<string, string> = NONE;
  /** Write-only fields that hold something. */
  @property({ attribute: false }) kept: ReadonlySet<string> = new Set();
  /** What a schema cannot say: pointer → what is wrong there, for fields that are right by themselves. */
  @property({ attribute: false }) judge: (values: unknown) => SchemaProblems = () => NONE;
  @state() private touched: ReadonlySet<string> = new Set();
  @state() private texts: ReadonlyMap<string, string> = NONE;
  @state() private isRevealed = false;
  #field: SchemaField = readSchema(undefined);
  #problems: SchemaProblems = NONE;

  /** Pointer → what is wrong there. */
  get problems(): SchemaProblems {
    return this.#problems;
  }

  /** Tells every problem and puts the focus on the first. */
  async reveal(): Promise<void> {
    this.isRevealed = true;
    await this.updateComplete;
    const [first = [...this.refusals.keys()][0]] = this.#problems.keys();
    this.#focus((id) => id === first);
  }

  /** Forgets what was touched: the values given next are a new beginning. */
  reset(): void {
    this.touched = new Set();
    this.texts = NONE;
    this.isRevealed = false;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("schema")) this.#field = readSchema(this.schema);
    this.#problems = this.#check(this.values);
  }

  #check(values: unknown): SchemaProblems {
    const problems = new Map([...this.judge(values), ...checkValue(this.#field, values)]);
    for (const pointer of this.kept) {
      const value = valueAt(values, partsOf(pointer));
      // What is stored stays; what is to be removed is absent.
      if (value === undefined || (value === null && problems.get(pointer) !== "is needed"))
        problems.delete(pointer);
    }
    for (const [pointer, text] of this.texts) {
      if (text.trim() !== "") problems.set(pointer, "is not JSON yet");
    }
    return problems;
  }

  #formState(): FormState {
    return {
      values: this.values,
      problemAt: (pointer) => {
        const isTold = this.isRevealed || this.touched.has(pointer);
        const refusal = this.touched.has(pointer) ? undefined : this.refusals.get(pointer);
        return refusal ?? (isTold ? this.#problems.get(pointer) : undefined);
      },
      lockOf: (pointer) => lockOver(this.locks, pointer),
      isKept: (pointer) => this.kept.has(pointer),
      textAt: (pointer) => this.texts.get(pointer),
      set: (path, value) => this.#set(path, value),
      setText: (path, text) => this.#setText(path, text),
      append: (path, value) => void this.#append(path, value),
    };
  }

  #set(path: JsonPath, value: unknown): void {
    const next = withValueAt(this.values, path, value);
    this.values = typeof next === "object" && next !== null ? Object.fromEntries(Object.entries(next)) : {};
    this.touched = new Set([...this.touched, pointerOf(path)]);
    const detail: SchemaFormChange = { values: this.values, problems: this.#check(this.values) };
    this.dispatchEvent(new CustomEvent("change", { detail }));
  }

  #setText(path: JsonPath, text: string): void {
    const pointer = pointerOf(path);
    const others = [...this.texts].filter(([key]) => key !== pointer);
    try {
      const value: unknown = text.trim() === "" ? undefined : JSON.parse(text);
      this.texts = new Map(others);
      this.#set(path, value);
    } catch {
      this.texts = new Map([...others, [pointer, text]]);
      this.#set(path, valueAt(this.values, path));
    }
  }

  async #append(path: JsonPath, value: unknown): Promise<void> {
    const list = valueAt(this.values, path);
    const position = Array.isArray(list) ? list.length : 0;
    this.#set(path, [...(Array.isArray(list) ? list : []), value]);
    await this.updateComplete;
    const pointer = pointerOf([...path, position]);
    this.#focus((id) => id === pointer || id.startsWith(`${pointer}/`));
  }

  #focus(isIt: (pointer: string) => boolean): void {
    [...this.renderRoot.querySelectorAll<HTMLElement>("[id]")].find(({ id }) => isIt(id))?.focus();
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    this.dispatchEvent(new Event("confirm"));
  }

  protected override render(): unknown {
    return html`<form novalidate autocomplete="off" @submit=${this.#submit}>
      ${drawField(this.#field, [], this.#formState())}
      <button type="submit" hidden tabindex="-1"></button>
    </form>`;
  }
}

const partsOf = (pointer: string): string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));

/** What holds a field, itself or around it. */
function lockOver(locks: ReadonlyMap<string, string>, pointer: string): string | undefined {
  const parts = pointer.split("/");
  return parts
    .map((_part, index) => locks.get(parts.slice(0, index + 1).join("/")))
    .find((lock) => lock !== undefined);
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-schema-form": BnSchemaForm;
  }
}
