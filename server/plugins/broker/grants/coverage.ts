import { type Grant, textOf } from "./grant.ts";
import { isBeneath } from "./read-grant.ts";

/** Whether whoever holds `held` may already do everything that `wanted` allows. */
export function covers(held: Grant, wanted: Grant): boolean {
  if (textOf(held) === textOf(wanted)) return true;
  switch (held.kind) {
    case "net":
      return (
        wanted.kind === "net" && held.isPrivate && textOf({ ...wanted, isPrivate: true }) === textOf(held)
      );
    case "browser":
      return (
        wanted.kind === "browser" && held.isPrivate && textOf({ ...wanted, isPrivate: true }) === textOf(held)
      );
    case "read":
      return wanted.kind === "read" && isBeneath(wanted.path, held.path);
    case "write":
      return (wanted.kind === "read" || wanted.kind === "write") && isBeneath(wanted.path, held.path);
    case "registry":
      return wanted.kind === "registry" && held.access === "admin";
    case "run":
      return wanted.kind === "run" && held.command === wanted.command && coversArguments(held, wanted);
    case "hooks":
      return wanted.kind === "hooks" && coversEvents(held.event, wanted.event);
    default:
      return false;
  }
}

type Run = Extract<Grant, { kind: "run" }>;

function coversArguments({ arguments: held }: Run, { arguments: wanted }: Run): boolean {
  const isOpen = held.at(-1) === "rest";
  const fixed = isOpen ? held.slice(0, -1) : held;
  if (isOpen ? wanted.length < fixed.length : wanted.length !== fixed.length) return false;
  return wanted.every((rule, index) => {
    const by = fixed[index] ?? "rest";
    if (rule === "rest") return by === "rest";
    if (rule === "any") return typeof by === "string";
    return typeof by === "string" ? !rule.literal.startsWith("-") : by.literal === rule.literal;
  });
}

/** `backup.**` covers `backup.done` and `backup.*`; other pairs of patterns are held to be different. */
function coversEvents(held: string, wanted: string): boolean {
  if (held === "**") return true;
  const prefix = held.endsWith(".**") ? held.slice(0, -2) : undefined;
  if (prefix !== undefined && !prefix.includes("*")) return `${wanted}.`.startsWith(prefix);
  const words = held.split(".");
  const wantedWords = wanted.split(".");
  if (held.includes("**") || wanted.includes("**") || words.length !== wantedWords.length) return false;
  return words.every((word, index) => word === "*" || word === wantedWords[index]);
}
