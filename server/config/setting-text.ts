import type { SettingDefinition } from "./setting-types.ts";

const TRUTH: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["0", false],
  ["no", false],
  ["off", false],
]);
const WHOLE_NUMBER = /^-?\d+$/;
const MEBIBYTES = /^(\d+) *(m|mb|mi|mib|g|gb|gi|gib)?$/i;
const MIB_PER_GIB = 1_024;

/** Reads the text form of a setting (environment, command line); what does not parse stays text and fails validation. */
export function fromText(setting: SettingDefinition, text: string): unknown {
  const { type } = setting.schema;
  if (type === "integer") return wholeNumber(setting, text.trim());
  if (type === "array" && setting.schema.items?.type === "object") return parsed(text);
  if (type === "array")
    return text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  return canonical(setting, type === "boolean" ? text.trim() : text);
}

/** Another spelling of a value as the value itself: `off` of a switch, `false` of a word that lists it. */
export function canonical({ schema }: SettingDefinition, value: unknown): unknown {
  if (schema.type === "boolean" && typeof value === "string") return TRUTH.get(value.toLowerCase()) ?? value;
  if (!schema.spellings || (typeof value !== "string" && typeof value !== "boolean")) return value;
  const word = String(value);
  const truth = TRUTH.get(word.toLowerCase());
  return (
    schema.spellings[word] ?? (truth === undefined ? undefined : schema.spellings[String(truth)]) ?? word
  );
}

/** JSON is the one text form of a list of objects. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function wholeNumber({ schema }: SettingDefinition, text: string): unknown {
  if (WHOLE_NUMBER.test(text)) return Number(text);
  const sized = schema.textUnit === "mebibytes" ? MEBIBYTES.exec(text) : null;
  if (!sized) return text;
  return Number(sized[1]) * (sized[2]?.toLowerCase().startsWith("g") ? MIB_PER_GIB : 1);
}
