import type { PluginPermissions } from "../../../schema/plugin/manifest.ts";
import { PERMISSION_KINDS, type PermissionKind } from "../../../schema/rules/plugins.ts";
import { covers } from "./grants/coverage.ts";
import { type Grant, type GrantOf, quoted, readArgument, textOf } from "./grants/grant.ts";
import { mentionsPlaceholder, placeholderPath, textsAt } from "./grants/placeholders.ts";
import {
  browserGrant,
  type GrantValue,
  hooksGrant,
  nameGrant,
  netGrant,
  pathGrant,
  RefusedGrant,
  runGrant,
} from "./grants/read-grant.ts";

/** Grants that one plugin can hold, lists of the configuration written out. */
const MAX_GRANTS = 500;

/** What a plugin may do, ready to be asked. */
export interface ResolvedGrants {
  readonly grants: readonly Grant[];
  /** What was declared and gives nothing: as it stands in the manifest, and why. */
  readonly refused: readonly { text: string; reason: string }[];
}

/** How wanted permissions differ from approved ones, as canonical texts. */
export interface PermissionDiff {
  added: string[];
  removed: string[];
  /** Whether something of `added` is not covered by what is approved. */
  isWider: boolean;
}

/** A permission as declared: its texts in the order they are written, and how its grant is made from values. */
interface Declared {
  values: readonly string[];
  /** As it stands in the manifest, placeholders and all. */
  text: string;
  grant: (values: readonly GrantValue[]) => Grant;
}

/** Canonical texts of what a manifest declares, sorted; placeholders stay as they are written. */
export function grantTexts(permissions: PluginPermissions): string[] {
  return [...new Set(declaredIn(permissions, []).map(declaredText))].sort();
}

/**
 * What the declared permissions with placeholders stand for under a configuration: text as declared → canonical texts;
 * none while nothing is set there, or nothing that can be granted.
 */
export function placeholdersNow(permissions: PluginPermissions, config: unknown): Map<string, string[]> {
  const open = declaredIn(permissions, []).filter(({ values }) => values.some(mentionsPlaceholder));
  return new Map(open.map((declared) => [declared.text, textsNow(declared, config)]));
}

function textsNow(declared: Declared, config: unknown): string[] {
  try {
    const given = combinations(declared, config).map((values) => textOf(declared.grant(values)));
    return [...new Set(given)];
  } catch (error) {
    if (error instanceof RefusedGrant) return [];
    throw error;
  }
}

/**
 * The grants that permissions give with a configuration: placeholders are replaced (a list gives one grant an item, a
 * URL its host and port, what is not set gives none), everything is brought into the form that is compared. What cannot
 * be read or is never allowed gives no grant and is listed with its reason.
 * @param forbidden absolute paths that no grant of files may touch or contain: data folder, plugins folder, configuration files
 */
export function resolveGrants(
  permissions: PluginPermissions,
  config: unknown,
  forbidden: readonly string[] = [],
): ResolvedGrants {
  const grants = new Map<string, Grant>();
  const refused: { text: string; reason: string }[] = [];
  for (const declared of declaredIn(permissions, forbidden)) {
    try {
      for (const values of combinations(declared, config)) {
        const grant = declared.grant(values);
        if (grants.size >= MAX_GRANTS) throw new RefusedGrant(`A plugin has at most ${MAX_GRANTS} grants.`);
        grants.set(textOf(grant), grant);
      }
    } catch (error) {
      if (!(error instanceof RefusedGrant)) throw error;
      refused.push({ text: declared.text, reason: error.message });
    }
  }
  return { grants: [...grants.values()], refused };
}

/** The grants of one kind. */
export const grantsOf = <Kind extends PermissionKind>(
  { grants }: ResolvedGrants,
  kind: Kind,
): GrantOf<Kind>[] => grants.filter((grant): grant is GrantOf<Kind> => grant.kind === kind);

/** What changed from the permissions that somebody approved to those that are wanted now. */
export function permissionDiff(approved: PluginPermissions, wanted: PluginPermissions): PermissionDiff {
  const [before, after] = [readable(approved), readable(wanted)];
  const added = [...after.keys()].filter((text) => !before.has(text)).sort();
  const removed = [...before.keys()].filter((text) => !after.has(text)).sort();
  const isWider = added.some((text) => {
    const grant = after.get(text);
    return !grant || ![...before.values()].some((held) => held !== undefined && covers(held, grant));
  });
  return { added, removed, isWider };
}

/** Paths of the configuration that permissions read, sorted: only an administrator may change them. */
export function configPathsOf(permissions: PluginPermissions): string[] {
  const paths = declaredIn(permissions, []).flatMap(({ values }) =>
    values.flatMap((value) => placeholderPath(value) ?? []),
  );
  return [...new Set(paths)].sort();
}

/** Canonical text → grant; undefined for one that waits for the configuration or cannot be read. */
function readable(permissions: PluginPermissions): Map<string, Grant | undefined> {
  return new Map(
    declaredIn(permissions, []).map((declared) => [declaredText(declared), literalGrant(declared)]),
  );
}

const declaredText = (declared: Declared): string => {
  const grant = literalGrant(declared);
  return grant ? textOf(grant) : declared.text;
};

/** The grant of a permission without placeholders; undefined with one, or when it cannot be read. */
function literalGrant({ values, grant }: Declared): Grant | undefined {
  if (values.some(mentionsPlaceholder)) return undefined;
  try {
    return grant(values.map(asWritten));
  } catch (error) {
    if (error instanceof RefusedGrant) return undefined;
    throw error;
  }
}

const asWritten = (text: string): GrantValue => ({ text, isConfigured: false });

/** Every choice of one text for each value. @throws RefusedGrant */
function combinations({ values }: Declared, config: unknown): GrantValue[][] {
  let made: GrantValue[][] = [[]];
  for (const value of values) {
    const choices = choicesOf(value, config);
    if (made.length * choices.length > MAX_GRANTS) {
      throw new RefusedGrant(`The configuration makes more than ${MAX_GRANTS} grants of it.`);
    }
    made = made.flatMap((begun) => choices.map((choice) => [...begun, choice]));
  }
  return made;
}

function choicesOf(value: string, config: unknown): GrantValue[] {
  if (!mentionsPlaceholder(value)) return [asWritten(value)];
  const path = placeholderPath(value);
  if (path === undefined)
    throw new RefusedGrant("A placeholder is a whole value: it begins the text and ends it.");
  const texts = textsAt(config, path);
  if (!texts) throw new RefusedGrant(`config.${path} holds neither a text nor a short list of texts.`);
  return texts.map((text) => ({ text, isConfigured: true }));
}

/** What a manifest declares; it may come from an attacker, and was checked against the manifest's schema only. */
function declaredIn(permissions: PluginPermissions, forbidden: readonly string[]): Declared[] {
  return PERMISSION_KINDS.flatMap((kind) => DECLARED[kind](permissions, forbidden));
}

type Reader = (permissions: PluginPermissions, forbidden: readonly string[]) => Declared[];

const DECLARED = {
  net: ({ net = [] }) =>
    net.map(({ host, port, private: isPrivate = false }) => ({
      values: port === undefined ? [host] : [host, String(port)],
      text: `net ${asDeclared(host)}${port === undefined ? "" : `:${asDeclared(String(port))}`}${isPrivate ? " private" : ""}`,
      grant: ([name = NOTHING, number]) => netGrant(name, number, isPrivate),
    })),
  read: ({ read = [] }, forbidden) => paths("read", read, forbidden),
  write: ({ write = [] }, forbidden) => paths("write", write, forbidden),
  env: ({ env = [] }) => names("env", env),
  run: ({ run = [] }) =>
    run.map(({ command, arguments: given = [] }) => ({
      values: [command, ...given],
      text: ["run", ...[command, ...given].map(asDeclared)].join(" "),
      grant: ([program = NOTHING, ...values]) =>
        runGrant(
          program,
          values,
          values.map(({ text, isConfigured }) => (isConfigured ? { literal: text } : readArgument(text))),
        ),
    })),
  hooks: ({ hooks = [] }) => hooks.map(({ event }) => single("hooks", event, hooksGrant)),
  secrets: ({ secrets = [] }) => names("secrets", secrets),
  middleware: ({ middleware = [] }) =>
    middleware.map(() => ({ values: [], text: "middleware", grant: () => ({ kind: "middleware" }) })),
  browser: ({ browser = [] }) =>
    browser.flatMap(({ hosts, private: isPrivate = false }) =>
      hosts.map((host) => ({
        values: [host],
        text: `browser ${asDeclared(host)}${isPrivate ? " private" : ""}`,
        grant: ([given = NOTHING]) => browserGrant(given, isPrivate),
      })),
    ),
  registry: ({ registry = [] }) =>
    registry.map(({ access }) => ({
      values: [],
      text: `registry ${access}`,
      grant: () => ({ kind: "registry", access }),
    })),
} satisfies Record<PermissionKind, Reader>;

const NOTHING: GrantValue = { text: "", isConfigured: false };

const single = (kind: PermissionKind, value: string, grant: (value: GrantValue) => Grant): Declared => ({
  values: [value],
  text: `${kind} ${asDeclared(value)}`,
  grant: ([given = NOTHING]) => grant(given),
});

const paths = (
  kind: "read" | "write",
  declared: readonly { path: string }[],
  forbidden: readonly string[],
): Declared[] => declared.map(({ path }) => single(kind, path, (value) => pathGrant(kind, value, forbidden)));

const names = (kind: "env" | "secrets", declared: readonly { name: string }[]): Declared[] =>
  declared.map(({ name }) => single(kind, name, (value) => nameGrant(kind, value)));

const asDeclared = (text: string): string =>
  placeholderPath(text) === undefined && text !== "..." && text !== "*" ? quoted(text) : text;
