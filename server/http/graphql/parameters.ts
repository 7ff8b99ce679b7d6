import { AppError } from "../../errors/app-error.ts";
import { JSON_LIMITS, parseJson } from "../json-body.ts";

/** What a GraphQL request asks, checked for its shape only. */
export interface GraphParameters {
  query: string | undefined;
  operationName: string | undefined;
  variables: Readonly<Record<string, unknown>>;
  /** Lower-case hex SHA-256 of the document. */
  persistedHash: string | undefined;
}

const SHA256_HEX = /^[0-9a-f]{64}$/;
const NO_VARIABLES: Readonly<Record<string, unknown>> = Object.freeze({});

/** Reads the parameters from a parsed body or message. @throws AppError `invalid_request` */
export function readParameters(value: unknown): GraphParameters {
  if (Array.isArray(value)) throw wrong("", "Operations are sent one at a time, not in a list.");
  if (!isRecord(value))
    throw wrong("", "Send a JSON object with query, operationName, variables and extensions.");
  const { query, operationName, variables, extensions } = value;
  if (!isOptional(query, isText)) throw wrong("query", "query is a text.");
  if (!isOptional(operationName, isText)) throw wrong("operationName", "operationName is a text.");
  if (!isOptional(variables, isRecord)) throw wrong("variables", "variables is an object.");
  if (!isOptional(extensions, isRecord)) throw wrong("extensions", "extensions is an object.");
  return {
    query: query ?? undefined,
    operationName: operationName || undefined,
    variables: variables ?? NO_VARIABLES,
    persistedHash: extensions ? readPersistedHash(extensions) : undefined,
  };
}

/** Reads the parameters of a GET. @throws AppError `invalid_request` */
export function readUrlParameters(search: URLSearchParams): GraphParameters {
  const json = (name: string): unknown => {
    const text = search.get(name);
    return text ? parseJson(text) : undefined;
  };
  return readParameters({
    query: search.get("query"),
    operationName: search.get("operationName"),
    variables: json("variables"),
    extensions: json("extensions"),
  });
}

function readPersistedHash(extensions: Record<string, unknown>): string | undefined {
  const persisted = extensions.persistedQuery;
  if (persisted === undefined) return undefined;
  const hash = isRecord(persisted) && persisted.version === 1 ? persisted.sha256Hash : undefined;
  if (isText(hash) && SHA256_HEX.test(hash.toLowerCase())) return hash.toLowerCase();
  throw wrong("extensions.persistedQuery", "persistedQuery is { version: 1, sha256Hash: 64 hex digits }.");
}

const isText = (value: unknown): value is string =>
  typeof value === "string" && value.length <= JSON_LIMITS.stringLength;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isOptional<T>(value: unknown, is: (value: unknown) => value is T): value is T | undefined | null {
  return value === undefined || value === null || is(value);
}

function wrong(path: string, message: string): AppError {
  return new AppError("invalid_request", message, { issues: [{ path, message }] });
}
