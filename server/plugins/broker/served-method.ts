import type { Static, TSchema } from "@sinclair/typebox";
import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import { AppError } from "../../errors/app-error.ts";
import type { BrokerStreams } from "./broker.ts";

/** What belongs to one request of a plugin. */
export interface BrokerCall {
  streams: BrokerStreams;
  signal: AbortSignal;
}

/** Serves one method: validates what came, decides, does it. */
export type ServedMethod = (params: unknown, call: BrokerCall) => Promise<unknown>;

const MAX_DEPTH = 64;
const MAX_ISSUES = 5;

const checks = new WeakMap<TSchema, TypeCheck<TSchema>>();

/**
 * A method whose parameters keep to `schema`; it is compiled once, at the first request of any plugin.
 * The method throws AppError `invalid_request` when they do not, or hold a key that names a prototype.
 */
export function method<S extends TSchema>(
  schema: S,
  serve: (params: Static<S>, call: BrokerCall) => unknown,
): ServedMethod {
  return async (params, call) => serve(checked(schema, params), call);
}

/**
 * The value, once it is known to keep to `schema`.
 * @throws AppError `invalid_request` when it does not, or holds a key that names a prototype
 */
export function checked<S extends TSchema>(schema: S, value: unknown): Static<S> {
  const check = checkOf(schema);
  if (!isChecked<Static<S>>(check, value)) throw malformed(check, value);
  if (namesPrototype(value, 0)) {
    throw new AppError("invalid_request", 'The parameters hold the key "__proto__", or nest too deep.');
  }
  return value;
}

function checkOf(schema: TSchema): TypeCheck<TSchema> {
  const known = checks.get(schema);
  if (known) return known;
  const compiled = TypeCompiler.Compile(schema);
  checks.set(schema, compiled);
  return compiled;
}

const isChecked = <T>(check: TypeCheck<TSchema>, params: unknown): params is T => check.Check(params);

function malformed(check: TypeCheck<TSchema>, params: unknown): AppError {
  const issues: { path: string; message: string }[] = [];
  for (const { path, message } of check.Errors(params)) {
    issues.push({ path: path.split("/").filter(Boolean).join(".").slice(0, 200), message });
    if (issues.length === MAX_ISSUES) break;
  }
  const [first] = issues;
  return new AppError("invalid_request", `${first?.path || "The parameters"}: ${first?.message}.`, {
    issues,
  });
}

function namesPrototype(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth >= MAX_DEPTH || Object.hasOwn(value, "__proto__")) return true;
  return Object.values(value).some((item) => namesPrototype(item, depth + 1));
}
