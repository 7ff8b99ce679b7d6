import { toOpenAPISchema } from "@elysiajs/openapi";
import { type TSchema, Type } from "@sinclair/typebox";
import type { AnyElysia } from "elysia";
import { ERROR_CATALOGUE } from "../errors/catalogue.ts";
import { ACCESS_KEYWORD, type Access, BODY_KEYWORD, RESPONSE_KEYWORD } from "./guard.ts";
import type { SocketRoute } from "./socket.ts";

const PROBLEM_REFERENCE = { $ref: "#/components/schemas/Problem" };
const NO_CONTENT = "204";
const JSON_TYPE = "application/json";
const METHODS = new Set(["get", "post", "put", "patch", "delete"]);

const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String({ description: "What family of error this is" }),
    status: Type.Integer(),
    detail: Type.String({ description: "What went wrong and what to do" }),
    code: Type.Unsafe<string>({
      type: "string",
      enum: Object.keys(ERROR_CATALOGUE),
      description: "Stable; never renamed",
    }),
    correlationId: Type.String({ description: "The same as in the log" }),
    errors: Type.Optional(
      Type.Array(Type.Object({ path: Type.String(), message: Type.String() }), {
        description: "Each field that is wrong",
      }),
    ),
  },
  { description: "RFC 9457 problem details" },
);

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema: TSchema;
}

interface Operation {
  operationId?: string;
  responses?: Record<string, unknown>;
  requestBody?: unknown;
  parameters?: Parameter[];
  description?: string;
  [ACCESS_KEYWORD]?: Access | undefined;
  [RESPONSE_KEYWORD]?: TSchema | Record<string, TSchema>;
  [BODY_KEYWORD]?: TSchema | undefined;
  [key: string]: unknown;
}

/** An OpenAPI 3 document, as far as it is touched here. */
export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; description: string };
  paths: Record<string, Record<string, Operation>>;
  [key: string]: unknown;
}

/** What the description says beside the routes. */
export interface ApiFacts {
  version: string;
  /** Name of the cookie, which is another for each server. */
  sessionCookie: string;
}

/** Describes every mounted route: shapes of input and answers, problems, the access each demands. */
export function describeApi(
  app: AnyElysia,
  sockets: readonly SocketRoute[],
  { version, sessionCookie }: ApiFacts,
): OpenApiDocument {
  const described = toOpenAPISchema(app) as unknown as Pick<OpenApiDocument, "paths">;
  const paths: OpenApiDocument["paths"] = {};
  for (const path of Object.keys(described.paths).sort()) {
    const operations: Record<string, Operation> = {};
    for (const [method, operation] of Object.entries(described.paths[path] ?? {})) {
      if (METHODS.has(method)) operations[method] = complete(operation, method, path);
    }
    paths[path] = operations;
  }
  const shared: Record<string, unknown> = {};
  const referring = withReferences(paths, shared) as OpenApiDocument["paths"];
  return {
    openapi: "3.1.0",
    info: { title: "Binnacle", version, description: descriptionOf(sockets) },
    paths: referring,
    components: {
      schemas: { Problem: ProblemSchema, ...shared },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An API token: bnc_…" },
        session: { type: "apiKey", in: "cookie", name: sessionCookie },
      },
    },
  };
}

/** A copy in which each schema with an `$id` stands once, in `shared`, and is referred to from where it was. */
function withReferences(value: unknown, shared: Record<string, unknown>): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withReferences(item, shared));
  const { $id, ...rest } = value as Record<string, unknown>;
  const copy = Object.fromEntries(
    Object.entries(rest).map(([name, inner]) => [name, withReferences(inner, shared)]),
  );
  if (typeof $id !== "string") return $id === undefined ? copy : { $id, ...copy };
  shared[$id] = copy;
  return { $ref: `#/components/schemas/${$id}` };
}

function complete(operation: Operation, method: string, path: string): Operation {
  const { [RESPONSE_KEYWORD]: answers, [ACCESS_KEYWORD]: access, [BODY_KEYWORD]: body, ...rest } = operation;
  const takesInput = body !== undefined || (rest.parameters?.length ?? 0) > 0;
  return {
    ...rest,
    ...(rest.parameters ? { parameters: rest.parameters.map(plainParameter) } : {}),
    operationId: operationIdOf(method, path),
    [ACCESS_KEYWORD]: access,
    ...(body ? { requestBody: { required: true, content: { [JSON_TYPE]: { schema: body } } } } : {}),
    responses: { ...answersOf(answers), ...problemsOf(access, takesInput) },
  };
}

/** Values of a URL are read as numbers where the route wants numbers: only those are worth telling. */
function plainParameter(parameter: Parameter): Parameter {
  const { schema } = parameter;
  const members: TSchema[] = schema.anyOf ?? [];
  const number = members.find(({ type }) => type === "integer" || type === "number");
  const hasDefault = schema.default !== undefined;
  return {
    ...parameter,
    schema: number ?? schema,
    ...(hasDefault && parameter.in === "query" ? { required: false } : {}),
  };
}

function answersOf(answers: TSchema | Record<string, TSchema> | undefined): Record<string, unknown> {
  if (!answers) return { [NO_CONTENT]: { description: "Done" } };
  const isOne = "type" in answers || "anyOf" in answers || "allOf" in answers;
  const byStatus = isOne ? { "200": answers as TSchema } : (answers as Record<string, TSchema>);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, schema]) => [
      status,
      {
        description: schema.description ?? "The answer",
        content: { [schema.contentMediaType ?? JSON_TYPE]: { schema } },
      },
    ]),
  );
}

function problemsOf(access: Access | undefined, takesInput: boolean): Record<string, unknown> {
  const content = { "application/problem+json": { schema: PROBLEM_REFERENCE } };
  return {
    ...(takesInput ? { "422": { description: "Some fields are not valid", content } } : {}),
    ...(access === "open"
      ? {}
      : {
          "401": { description: "Nobody is signed in, or the token is not valid", content },
          "403": { description: "A scope is missing", content },
        }),
    default: { description: "Any other problem", content },
  };
}

/** `get /api/v3/users/{id}/password` → `getUsersByIdPassword`. */
function operationIdOf(method: string, path: string): string {
  const words = path
    .replace(/^\/api(?:\/v3)?(?=\/)/, "")
    .split("/")
    .filter(Boolean)
    .map((part) => (part.startsWith("{") ? `by-${part.slice(1, -1)}` : part.replace(/\W+/g, "-")));
  return [method, ...words]
    .join("-")
    .replace(/-+(\w)/g, (_match, letter: string) => letter.toUpperCase())
    .replace(/-+$/, "");
}

function descriptionOf(sockets: readonly SocketRoute[]): string {
  const lines = sockets.map(({ path, summary, access }) => `- \`${path}\`: ${summary} (${access})`);
  return [
    "Errors are `application/problem+json` with a stable `code`. Lists page by `limit` and `cursor`.",
    "Requests are counted against the caller's rate before they are validated, so invalid ones count too.",
    ...(lines.length > 0 ? ["", "WebSockets:", ...lines] : []),
  ].join("\n");
}
