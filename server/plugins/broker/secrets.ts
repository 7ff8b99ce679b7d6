import { Type } from "@sinclair/typebox";
import type { PluginDecisions } from "./decisions.ts";
import { grantsOf, type ResolvedGrants } from "./grants.ts";
import { method, type ServedMethod } from "./served-method.ts";

/** What the broker needs of the secret store: the value of a name, its use audited under a purpose. */
export interface SecretSource {
  /** @throws AppError `secret_not_found` */
  use(name: string, purpose: string): string;
}

const MAX_NAME_LENGTH = 128;
const Named = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH }) },
  { additionalProperties: false },
);

/** `ctx.secrets`, `ctx.env`: by granted name only. The secret store keeps every value out of what leaves the server. */
export function secretMethods(
  secrets: SecretSource,
  environment: Readonly<Record<string, string | undefined>>,
  grants: ResolvedGrants,
  decisions: PluginDecisions,
): Record<"secrets.get" | "env.get", ServedMethod> {
  const secretNames = new Set(grantsOf(grants, "secrets").map(({ name }) => name));
  const variables = new Set(grantsOf(grants, "env").map(({ name }) => name));
  return {
    "secrets.get": method(Named, ({ name }) => {
      decisions.require(secretNames.has(name), "secrets", name);
      return secrets.use(name, `plugin:${decisions.pluginId}`);
    }),
    "env.get": method(Named, ({ name }) => {
      decisions.require(variables.has(name), "env", name);
      return Object.hasOwn(environment, name) ? (environment[name] ?? null) : null;
    }),
  };
}
