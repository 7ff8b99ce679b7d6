import { isDeepStrictEqual } from "node:util";
import { Type } from "@sinclair/typebox";
import { AppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { compileSchema, type SchemaCheck } from "../../lib/json-schema.ts";
import { Mutex } from "../../lib/mutex.ts";
import { secretFieldsOf, valueAt } from "../configuration-values.ts";
import type { PluginDecisions } from "./decisions.ts";
import { type Rate, RateBucket } from "./rate.ts";
import { method, type ServedMethod } from "./served-method.ts";

/** Where a plugin's configuration is kept. */
export interface ConfigurationPlace {
  /** As it is now, without the secrets that a person set. */
  read(): Record<string, unknown>;
  /** `values` with the secrets that a person set, as the schema sees them; as they are when there are none. */
  opened?(values: Record<string, unknown>): Record<string, unknown>;
  /** Keeps `values` in place of what stood there, audited as the plugin's own change. */
  write(values: Record<string, unknown>): Promise<void>;
}

interface ConfigRules {
  /** JSON Schema of the manifest; undefined when it has no configuration. */
  schema: Record<string, unknown> | undefined;
  /** Paths that permissions read: see `configPathsOf`. */
  lockedPaths: readonly string[];
}

const MAX_SIZE_BYTES = 64 * 1_024;
const MAX_FIELDS = 200;
const CHANGES: Rate = { perSecond: 1, burst: 20 };

const NoParams = Type.Union([
  Type.Null(),
  Type.Undefined(),
  Type.Object({}, { additionalProperties: false }),
]);
const Values = Type.Object(
  { values: Type.Record(Type.String({ maxLength: 128 }), Type.Unknown(), { maxProperties: MAX_FIELDS }) },
  { additionalProperties: false },
);

/**
 * `ctx.config`: a plugin reads its configuration, and replaces top-level fields of it. The result keeps to its schema;
 * what decides about permissions, and secret fields, are an administrator's.
 */
export function configMethods(
  place: ConfigurationPlace,
  rules: ConfigRules,
  decisions: PluginDecisions,
  clock: Clock,
): Record<"config.get" | "config.set", ServedMethod> {
  const changes = new RateBucket(CHANGES, clock);
  const locked = [...rules.lockedPaths, ...secretFieldsOf(rules.schema).map(({ path }) => path)];
  let check: SchemaCheck | undefined;
  /** A change is made of what stood before it: one at a time. */
  const changing = new Mutex();
  return {
    "config.get": method(NoParams, () => place.read()),
    "config.set": method(Values, async ({ values }) => {
      changes.require("change its configuration");
      await changing.run(() => set(values));
      return null;
    }),
  };

  async function set(values: Record<string, unknown>): Promise<void> {
    const before = place.read();
    const after = { ...before, ...values };
    const touched = locked.find((path) => !isDeepStrictEqual(valueAt(before, path), valueAt(after, path)));
    if (touched !== undefined) {
      throw decisions.deny(
        "config",
        touched,
        `Only an administrator changes ${touched} of this configuration.`,
      );
    }
    check ??= checkOf(rules.schema);
    requireValid(check, place.opened?.(after) ?? after);
    decisions.allow("config");
    await place.write(after);
  }
}

function checkOf(schema: Record<string, unknown> | undefined): SchemaCheck {
  const compiled = compileSchema(schema);
  if (schema === undefined || "refused" in compiled) {
    throw new AppError("validation_failed", "The manifest declares no configuration that could be set.");
  }
  return compiled.check;
}

function requireValid(check: SchemaCheck, values: Record<string, unknown>): void {
  if (Buffer.byteLength(JSON.stringify(values)) > MAX_SIZE_BYTES) {
    throw new AppError("validation_failed", `A configuration has at most ${MAX_SIZE_BYTES} bytes as JSON.`);
  }
  const issues = check(values);
  const [first] = issues;
  if (!first) return;
  throw new AppError("validation_failed", `${first.path || "The configuration"}: ${first.message}.`, {
    issues,
  });
}
