/** One rejected field of a request. `path` is in the server's notation, `/name` or `name`. */
export interface FieldProblem {
  path: string;
  message: string;
}

/** A request that failed, in words fit for a person; `code` is stable, `status` 0 means no answer came. */
export class ApiProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly correlationId: string | undefined;
  readonly errors: readonly FieldProblem[];

  constructor(fields: {
    code: string;
    status: number;
    title: string;
    detail: string;
    correlationId?: string | undefined;
    errors?: readonly FieldProblem[];
  }) {
    super(fields.detail || fields.title);
    this.name = "ApiProblem";
    this.code = fields.code;
    this.status = fields.status;
    this.title = fields.title;
    this.detail = fields.detail;
    this.correlationId = fields.correlationId;
    this.errors = fields.errors ?? [];
  }

  /** No answer came: the same may succeed once there is a connection. */
  get isUnanswered(): boolean {
    return this.code === "request_timeout" || this.code === "connection_lost";
  }

  /** The message for one form field, if the server rejected that field. */
  messageFor(field: string): string | undefined {
    return this.errors.find((error) => error.path.replace(/^[/.]?(?:body[/.])?/, "") === field)?.message;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function fieldProblems(value: unknown): FieldProblem[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    if (typeof entry !== "object" || entry === null) return [];
    const path = "path" in entry ? textOf(entry.path) : undefined;
    const message = "message" in entry ? textOf(entry.message) : undefined;
    return path === undefined || message === undefined ? [] : [{ path, message }];
  });
}

/** The object in a text; an empty one for any other text. */
function objectIn(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

/** Reads a failed response and its text, whether or not it is `application/problem+json` (a proxy's error page is not). */
export function problemFromResponse(response: Response, text: string): ApiProblem {
  const correlationHeader = response.headers.get("x-correlation-id") ?? undefined;
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  const body = isJson ? objectIn(text) : {};
  const field = (name: string): unknown => Reflect.get(body, name);
  return new ApiProblem({
    code: textOf(field("code")) ?? `http_${response.status}`,
    status: response.status,
    title: textOf(field("title")) ?? "The server refused the request",
    detail: textOf(field("detail")) ?? `The server answered ${response.status} without saying why.`,
    correlationId: textOf(field("correlationId")) ?? correlationHeader,
    errors: fieldProblems(field("errors")),
  });
}

/** Turns whatever was thrown into an ApiProblem, so that every page can draw it the same way. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem({
    code: "dashboard_error",
    status: 0,
    title: "The dashboard could not do this",
    detail: error instanceof Error ? error.message : String(error),
  });
}
