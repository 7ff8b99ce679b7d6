import type { PermissionKind } from "../../../../schema/rules/plugins.ts";

/** How one argument of a program is allowed: exactly so, any one, or (at the end) any number of any. */
export type ArgumentRule = { readonly literal: string } | "any" | "rest";

/** Exactly one thing that a plugin may do, in the one form that is compared. */
export type Grant =
  | { kind: "net"; host: string; port: number; isPrivate: boolean }
  | { kind: "read" | "write"; path: string }
  | { kind: "env" | "secrets"; name: string }
  | { kind: "run"; command: string; arguments: readonly ArgumentRule[] }
  | { kind: "hooks"; event: string }
  | { kind: "middleware" }
  | { kind: "browser"; host: string; isPrivate: boolean }
  | { kind: "registry"; access: "read" | "write" | "execute" | "admin" };

/** The grants of one kind. */
export type GrantOf<Kind extends PermissionKind, G = Grant> = G extends { kind: unknown }
  ? Kind extends G["kind"]
    ? G & { kind: Kind }
    : never
  : never;

const PLAIN_ARGUMENT = /^[A-Za-z0-9_@%+=:,./-]+$/;
/** Controls, direction marks, line separators: they could make a text look like another one. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;
const ONE = "*";
const REST = "...";

/** The canonical text of a grant: two grants are the same when their texts are. */
export function textOf(grant: Grant): string {
  switch (grant.kind) {
    case "net":
      return `net ${authority(grant.host)}:${grant.port}${grant.isPrivate ? " private" : ""}`;
    case "read":
    case "write":
      return `${grant.kind} ${quoted(grant.path)}`;
    case "env":
    case "secrets":
      return `${grant.kind} ${grant.name}`;
    case "run":
      return ["run", quoted(grant.command), ...grant.arguments.map(argumentText)].join(" ");
    case "hooks":
      return `hooks ${grant.event}`;
    case "middleware":
      return "middleware";
    case "browser":
      return `browser ${grant.host}${grant.isPrivate ? " private" : ""}`;
    case "registry":
      return `registry ${grant.access}`;
  }
}

/** A word as it is shown; quoted when it could be read as something else, what cannot be seen written out. */
export const quoted = (word: string): string =>
  PLAIN_ARGUMENT.test(word) && word !== REST ? word : JSON.stringify(word).replace(UNSEEN, escaped);

const escaped = (character: string): string => `\\u{${character.codePointAt(0)?.toString(16)}}`;

/** A host as it stands before a port. */
const authority = (host: string): string => (host.includes(":") ? `[${host}]` : host);

function argumentText(rule: ArgumentRule): string {
  if (rule === "any") return ONE;
  return rule === "rest" ? REST : quoted(rule.literal);
}

/** What a manifest writes for an argument; a value of the configuration is always a literal. */
export function readArgument(text: string): ArgumentRule {
  if (text === ONE) return "any";
  return text === REST ? "rest" : { literal: text };
}

/** Whether the arguments are allowed: a free one never begins with a dash, so that it cannot become an option. */
export function argumentsMatch(rules: readonly ArgumentRule[], given: readonly string[]): boolean {
  const isOpen = rules.at(-1) === "rest";
  const fixed = isOpen ? rules.slice(0, -1) : rules;
  if (isOpen ? given.length < fixed.length : given.length !== fixed.length) return false;
  return given.every((text, index) => {
    const rule = fixed[index] ?? "rest";
    return typeof rule === "object" ? rule.literal === text : !text.startsWith("-");
  });
}
