import type { Setting } from "../../data/settings.ts";

const MAX_VALUE = 80;

/** Where a value comes from, in a few words; a file by its name and line. */
export function originWords({ origin, machineOnly }: Setting): string {
  const suffix =
    machineOnly && origin.kind === "default" ? " · set in a file, the environment or by a flag" : "";
  switch (origin.kind) {
    case "default":
      return `Default${suffix}`;
    case "override":
      return "Set here";
    case "environment":
      return `Locked by ${origin.variable ?? "the environment"}`;
    case "flags":
      return "Locked by a flag of the command line";
    case "remote":
      return "Remote source";
    default:
      return `${origin.origin.split("/").at(-1)}${origin.line === undefined ? "" : `, line ${origin.line}`}`;
  }
}

/** A value in a sentence or a diff; null for none. */
export function valueWords(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (value === "" || (Array.isArray(value) && value.length === 0)) return "empty";
  const isPlainList = Array.isArray(value) && value.every((item) => typeof item === "string");
  const text = isPlainList ? value.join(", ") : typeof value === "string" ? value : JSON.stringify(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
