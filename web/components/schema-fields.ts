import { html, nothing } from "lit";
import { foreignText, foreignValue } from "../lib/foreign-text.ts";
import { type JsonPath, pointerOf, valueAt } from "../lib/json-path.ts";
import type { SchemaField } from "../lib/json-schema.ts";
import "./bn-field.ts";
import "./bn-icon.ts";

/** More choices than this are shown as a list to open, not as boxes to tick. */
const MAX_BOXES = 12;
const MAX_INPUT = 20_000;
const INDENT = 2;
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** What the fields of a form need to know of the whole. */
export interface FormState {
  readonly values: unknown;
  /** What is wrong with a field and is to be told. */
  problemAt(pointer: string): string | undefined;
  /** What holds a field so that it cannot be set here. */
  lockOf(pointer: string): string | undefined;
  /** Whether a write-only field holds something already. */
  isKept(pointer: string): boolean;
  /** What was typed for a field of JSON while it is no JSON yet. */
  textAt(pointer: string): string | undefined;
  set(path: JsonPath, value: unknown): void;
  setText(path: JsonPath, text: string): void;
  append(path: JsonPath, value: unknown): void;
}

/** Draws one field of a schema, with everything inside it. */
export function drawField(field: SchemaField, path: JsonPath, form: FormState): unknown {
  switch (field.kind) {
    case "group":
      return drawGroup(field, path, form);
    case "list":
      return isBoxes(field) ? drawBoxes(field, path, form) : drawList(field, path, form);
    case "boolean":
      return drawSwitch(field, path, form);
    default:
      return drawControl(field, path, form);
  }
}

const titleOf = (field: SchemaField, path: JsonPath): string => {
  const position = path.at(-1);
  if (field.title !== "") return field.title;
  return typeof position === "number" ? `Entry ${position + 1}` : foreignText(String(position ?? "Value"));
};

function drawGroup(field: SchemaField, path: JsonPath, form: FormState): unknown {
  const inner = html`<div class="fields">
    ${field.fields.map(({ name, field: one }) => drawField(one, [...path, name], form))}
  </div>`;
  if (path.length === 0) return inner;
  return html`<fieldset>
    <legend>${titleOf(field, path)}</legend>
    ${field.description === "" ? nothing : html`<p class="help">${field.description}</p>`} ${inner}
    ${problemOf(path, form)}
  </fieldset>`;
}

const problemOf = (path: JsonPath, form: FormState): unknown => {
  const problem = form.problemAt(pointerOf(path));
  return problem === undefined
    ? nothing
    : html`<span class="error" role="alert">${sentenceOf(problem)}</span>`;
};
const sentenceOf = (problem: string): string => (/^[a-z]/.test(problem) ? `This ${problem}` : problem);

function drawControl(field: SchemaField, path: JsonPath, form: FormState): unknown {
  const pointer = pointerOf(path);
  const isKept = field.isSecret && form.isKept(pointer) && valueAt(form.values, path) === undefined;
  const label = `${titleOf(field, path)}${field.isRequired || isKept ? "" : " (optional)"}`;
  return html`<div>
    <bn-field label=${label} help=${field.description} .error=${form.problemAt(pointer)}
      >${controlOf(field, path, form)}</bn-field
    >
    ${noteOf(field, path, form)}
  </div>`;
}

function controlOf(field: SchemaField, path: JsonPath, form: FormState): unknown {
  if (field.kind === "choice") return drawChoice(field, path, form);
  if (field.kind === "json") return drawJson(field, path, form);
  const pointer = pointerOf(path);
  const value = valueAt(form.values, path);
  const isNumber = field.kind === "number" || field.kind === "integer";
  const take = (event: Event): void => {
    const text = typedIn(event);
    // What was emptied is not set, unless empty text is asked for.
    const isUnset = text === "" && (isNumber || !field.isRequired || field.isSecret);
    form.set(path, isUnset ? undefined : isNumber && NUMBER.test(text.trim()) ? Number(text) : text);
  };
  const text = value === undefined || value === null ? "" : String(value);
  const isLocked = form.lockOf(pointer) !== undefined || field.isReadOnly;
  if (field.isLong && !field.isSecret)
    return html`<textarea id=${pointer} maxlength=${MAX_INPUT} spellcheck="false" ?disabled=${isLocked} .value=${text} @input=${take}></textarea>`;
  return html`<input
    id=${pointer}
    type=${field.isSecret ? "password" : (INPUT_TYPES[field.format] ?? "text")}
    inputmode=${isNumber ? "decimal" : nothing}
    autocomplete=${field.isSecret ? "new-password" : "off"}
    spellcheck="false"
    maxlength=${MAX_INPUT}
    placeholder=${placeholderOf(field, path, form)}
    ?disabled=${isLocked}
    .value=${text}
    @input=${take}
  />`;
}

const INPUT_TYPES: Readonly<Record<string, string>> = {
  email: "email",
  uri: "url",
  date: "date",
  time: "time",
  // The dashboard's own: a moment by the clock on the viewer's wall.
  "local-date-time": "datetime-local",
};

function placeholderOf(field: SchemaField, path: JsonPath, form: FormState): string {
  if (field.isSecret)
    return form.isKept(pointerOf(path)) && valueAt(form.values, path) === undefined
      ? "Stored; type to replace it"
      : "";
  return field.default === undefined ? "" : foreignValue(field.default);
}

const typedIn = (event: Event): string => {
  const { target } = event;
  return target instanceof HTMLElement && "value" in target ? String(target.value) : "";
};

function drawChoice(field: SchemaField, path: JsonPath, form: FormState): unknown {
  const pointer = pointerOf(path);
  const value = valueAt(form.values, path);
  const isLocked = form.lockOf(pointer) !== undefined || field.isReadOnly;
  const present = field.choices.indexOf(value);
  return html`<select
    id=${pointer}
    ?disabled=${isLocked}
    @change=${(event: Event) => form.set(path, field.choices[Number(typedIn(event))])}
  >
    ${present >= 0 && field.isRequired ? nothing : html`<option value="-1" .selected=${present < 0}>${field.default === undefined ? "Not set" : `${foreignValue(field.default)} (default)`}</option>`}
    ${field.choices.map(
      (choice, index) =>
        html`<option value=${index} .selected=${index === present}>${field.choiceNames[index] ?? foreignValue(choice)}</option>`,
    )}
  </select>`;
}

function drawJson(field: SchemaField, path: JsonPath, form: FormState): unknown {
  const pointer = pointerOf(path);
  const value = valueAt(form.values, path);
  const text = form.textAt(pointer) ?? (value === undefined ? "" : JSON.stringify(value, undefined, INDENT));
  const isLocked = form.lockOf(pointer) !== undefined || field.isReadOnly;
  return html`<textarea
    id=${pointer}
    class="json"
    spellcheck="false"
    placeholder="JSON"
    maxlength=${MAX_INPUT}
    ?disabled=${isLocked}
    .value=${text}
    @input=${(event: Event) => form.setText(path, typedIn(event))}
  ></textarea>`;
}

/** What stands under a control: who holds it, its default, what becomes of a stored secret. */
function noteOf(field: SchemaField, path: JsonPath, form: FormState): unknown {
  const pointer = pointerOf(path);
  const lock = form.lockOf(pointer);
  if (lock !== undefined)
    return html`<span class="note"><bn-icon name="lock"></bn-icon>Set by ${foreignText(lock)}, so it cannot be changed here</span>`;
  const value = valueAt(form.values, path);
  const step = (label: string, to: unknown) =>
    html`<button class="link" type="button" @click=${() => form.set(path, to)}>${label}</button>`;
  // A list with a secret in it is kept as a whole, and shown as little.
  if (form.isKept(pointer)) {
    if (value === null) return html`<span class="note">Will be removed. ${step("Keep it", undefined)}</span>`;
    if (value === undefined)
      return html`<span class="note"><bn-icon name="lock"></bn-icon>Stored, and never shown. ${step("Remove it", null)}</span>`;
    return html`<span class="note">Replaces what is stored. ${step("Keep the stored one", undefined)}</span>`;
  }
  const isOther = field.default !== undefined && value !== undefined && !field.isReadOnly;
  if (!isOther || JSON.stringify(field.default) === JSON.stringify(value)) return nothing;
  return html`<span class="note">Default: ${foreignValue(field.default)} ${step("Use it", field.default)}</span>`;
}

function drawSwitch(field: SchemaField, path: JsonPath, form: FormState): unknown {
  const pointer = pointerOf(path);
  const value = valueAt(form.values, path) ?? field.default;
  const isLocked = form.lockOf(pointer) !== undefined || field.isReadOnly;
  const turn = ({ target }: Event): void => {
    if (target instanceof HTMLInputElement) form.set(path, target.checked);
  };
  return html`<div class="switch">
    <input id=${pointer} type="checkbox" ?disabled=${isLocked} .checked=${value === true} @change=${turn} />
    <label for=${pointer}>${titleOf(field, path)}</label>
    ${field.description === "" ? nothing : html`<span class="help">${field.description}</span>`}
    ${problemOf(path, form)} ${noteOf({ ...field, default: undefined }, path, form)}
  </div>`;
}

const listAt = (form: FormState, path: JsonPath): readonly unknown[] => {
  const value = valueAt(form.values, path);
  return Array.isArray(value) ? value : [];
};

const isBoxes = ({ item, hasUniqueItems }: SchemaField): boolean =>
  hasUniqueItems && item?.kind === "choice" && item.choices.length <= MAX_BOXES;

function drawBoxes(field: SchemaField, path: JsonPath, form: FormState): unknown {
  const chosen = listAt(form, path);
  const isLocked = form.lockOf(pointerOf(path)) !== undefined || field.isReadOnly;
  const choices = field.item?.choices ?? [];
  const names = field.item?.choiceNames ?? [];
  const turn = (choice: unknown): void =>
    form.set(
      path,
      choices.filter((one) => (one === choice ? !chosen.includes(one) : chosen.includes(one))),
    );
  return html`<fieldset>
    <legend>${titleOf(field, path)}</legend>
    ${field.description === "" ? nothing : html`<p class="help">${field.description}</p>`}
    <div class="choices">
      ${choices.map(
        (choice, index) => html`<label
          ><input type="checkbox" ?disabled=${isLocked} .checked=${chosen.includes(choice)} @change=${() => turn(choice)} />${names[index] ?? foreignValue(choice)}</label
        >`,
      )}
    </div>
    ${problemOf(path, form)} ${noteOf({ ...field, default: undefined }, path, form)}
  </fieldset>`;
}

function drawList(field: SchemaField, path: JsonPath, form: FormState): unknown {
  const { item } = field;
  if (item === undefined) return drawControl({ ...field, kind: "json" }, path, form);
  const entries = listAt(form, path);
  const title = titleOf(field, path);
  const isLocked = form.lockOf(pointerOf(path)) !== undefined || field.isReadOnly;
  const isFull = entries.length >= (field.maxItems ?? Number.POSITIVE_INFINITY);
  const without = (position: number): void =>
    form.set(
      path,
      entries.filter((_entry, index) => index !== position),
    );
  return html`<fieldset ?disabled=${isLocked}>
    <legend>${title}</legend>
    ${field.description === "" ? nothing : html`<p class="help">${field.description}</p>`}
    <div class="list">
      ${entries.map(
        (_entry, index) => html`<div class=${item.kind === "group" ? "entry" : "entry single"}>
          <div>${drawField({ ...item, title: `${item.title === "" ? title : item.title} ${index + 1}` }, [...path, index], form)}</div>
          <button
            class="button quiet icon-only"
            type="button"
            aria-label="Remove entry ${index + 1} of ${title}"
            @click=${() => without(index)}
          >
            <bn-icon name="close"></bn-icon>
          </button>
        </div>`,
      )}
      <button
        class="button"
        type="button"
        aria-label="Add an entry to ${title}"
        ?disabled=${isFull}
        @click=${() => form.append(path, blankOf(item))}
      >
        <bn-icon name="plus"></bn-icon>Add an entry
      </button>
    </div>
    ${problemOf(path, form)} ${noteOf({ ...field, default: undefined }, path, form)}
  </fieldset>`;
}

/** What a new entry of a list begins as. */
function blankOf(item: SchemaField): unknown {
  if (item.default !== undefined) return item.default;
  if (item.kind === "boolean") return false;
  if (item.kind === "choice") return item.choices[0];
  if (item.kind === "list") return [];
  return item.kind === "group" || item.kind === "json" ? {} : "";
}
