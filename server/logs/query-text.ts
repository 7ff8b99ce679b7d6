import { LOG_LEVELS } from "../../schema/rules/log-levels.ts";
import { AppError } from "../errors/app-error.ts";
import type { FilterQuery } from "./model.ts";

const NAMES = ["level", "source", "text", "correlationId", "traceId"];
const MAX_LENGTH = 500;
const MAX_SOURCES = 20;

/** The filter that a URL of a socket asks for. @throws AppError `validation_failed` */
export function readFilter(parameters: URLSearchParams): FilterQuery {
  const unknown = [...parameters.keys()].find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw wrong(unknown, `There are only ${NAMES.join(", ")} here.`);
  for (const [name, value] of parameters) {
    if (value.length > MAX_LENGTH) throw wrong(name, `It has at most ${MAX_LENGTH} characters.`);
  }
  const listOf = (name: string): string[] =>
    parameters
      .getAll(name)
      .flatMap((text) => text.split(","))
      .filter(Boolean);
  const level = listOf("level").map((word) => {
    const known = LOG_LEVELS.find((one) => one === word);
    if (!known) throw wrong("level", `A level is one of ${LOG_LEVELS.join(", ")}.`);
    return known;
  });
  const source = listOf("source");
  if (source.length > MAX_SOURCES) throw wrong("source", `Name at most ${MAX_SOURCES} sources.`);
  const text = parameters.get("text");
  const correlationId = parameters.get("correlationId");
  const traceId = parameters.get("traceId");
  return {
    level,
    source,
    ...(text === null ? {} : { text }),
    ...(correlationId === null ? {} : { correlationId }),
    ...(traceId === null ? {} : { traceId }),
  };
}

function wrong(path: string, message: string): AppError {
  return new AppError("validation_failed", `${path}: ${message}`, { issues: [{ path, message }] });
}
