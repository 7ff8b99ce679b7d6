import type { TSchema } from "@sinclair/typebox";
import { secretReference } from "./references.ts";
import type { SettingDefinition, SettingOptions } from "./setting-types.ts";

/** One field of the items of a list. */
export type FieldSchema = TSchema & Partial<SettingOptions> & { writeOnly?: boolean };

/** Nothing but a reference to a stored secret. */
const SECRET_REFERENCE = "^\\$\\{secret:[A-Za-z_][A-Za-z0-9_.-]*\\}$";
const IS_SECRET_REFERENCE = new RegExp(SECRET_REFERENCE);

/** The fields that the items of a list of objects have; undefined for any other setting. */
export function fieldsOf({ schema }: SettingDefinition): Readonly<Record<string, FieldSchema>> | undefined {
  return schema.items?.type === "object" ? schema.items.properties : undefined;
}

/**
 * What a list of objects may not hold when it comes over a network: a secret that is no reference, and what is for this
 * machine to say. Its shape is judged elsewhere.
 */
export function distantItemProblem(setting: SettingDefinition, value: unknown): string | undefined {
  const fields = Object.entries(fieldsOf(setting) ?? {});
  for (const [index, item] of (Array.isArray(value) ? value : []).entries()) {
    for (const [name, field] of fields) {
      const held: unknown = item?.[name];
      const isEmpty = held === undefined || held === "";
      if (field.machineOnly && held !== undefined)
        return `${index}.${name}: only a file, the environment or a flag of this machine may set it`;
      if (field.writeOnly && !isEmpty && !IS_SECRET_REFERENCE.test(String(held)))
        return `${index}.${name}: a secret does not stand here in the open; store it under Secrets and write ${secretReference("NAME")}`;
    }
  }
  return undefined;
}

/** JSON Schema of the list as a form may fill it: secrets as references, nothing that is for this machine to say. */
export function formSchema(setting: SettingDefinition): Record<string, unknown> | undefined {
  const fields = fieldsOf(setting);
  if (!fields) return undefined;
  const { title, description, maxItems, items } = setting.schema;
  const properties = Object.entries(fields)
    .filter(([, field]) => !field.machineOnly)
    .map(([name, field]) => [name, formField(field)] as const);
  const item = {
    type: "object",
    required: items?.required,
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  };
  return { type: "array", title, description, maxItems, items: item };
}

/** Without the length: a form gives long texts several lines, and these are names and addresses. */
function formField({ writeOnly, maxLength: _judgedHere, ...field }: FieldSchema): Record<string, unknown> {
  if (!writeOnly) return field;
  const description = `${field.description}. Written as ${secretReference("NAME")}`;
  return { ...field, description, pattern: SECRET_REFERENCE };
}
