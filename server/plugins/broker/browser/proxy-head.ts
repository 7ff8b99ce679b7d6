import { AppError } from "../../../errors/app-error.ts";
import { parseTarget, parseWebTarget, type Target } from "../../../outbound/target.ts";

/** The longest head of a request or an answer. */
export const MAX_HEAD_BYTES = 65_536;
export const END_OF_HEAD = "\r\n\r\n";

/** What the browser asks its proxy for. */
export type ProxyRequest =
  | { kind: "tunnel"; target: Target }
  /** Plain HTTP; `head` is what the origin is to read. */
  | { kind: "plain"; target: Target; head: string };

/** These speak of the connection between two neighbours (RFC 9110 §7.6.1), or are for a proxy. */
const HOP_HEADER = /^(?:connection|keep-alive|proxy-[a-z-]+|te|upgrade)$/i;
const METHOD = /^[A-Z]{1,20}$/;

/**
 * Reads the head of a request to a proxy, up to its empty line.
 * @throws AppError `invalid_request`, `outbound_refused`
 */
export function readProxyHead(head: string): ProxyRequest {
  const [requestLine = "", ...lines] = head.split("\r\n");
  const [method = "", place = "", version = "", ...rest] = requestLine.split(" ");
  if (rest.length > 0 || !/^HTTP\/1\.[01]$/.test(version) || !METHOD.test(method)) {
    throw new AppError("invalid_request", "That is not an HTTP request.");
  }
  if (method === "CONNECT") return { kind: "tunnel", target: authority(place) };
  const target = parseWebTarget(place);
  if (target.isSecure) throw new AppError("invalid_request", "https is asked for by CONNECT.");
  const headers = lines.filter(
    (line) => line !== "" && !HOP_HEADER.test(nameOf(line)) && !/^host$/i.test(nameOf(line)),
  );
  const path = `${target.url.pathname}${target.url.search}`;
  const all = [`${method} ${path} HTTP/1.1`, `Host: ${target.url.host}`, ...headers, "Connection: close"];
  return { kind: "plain", target, head: all.join("\r\n") + END_OF_HEAD };
}

/**
 * The head of an answer, told to be the last on its connection: the next request may be for another host and has to be
 * judged by itself.
 */
export function closingHead(head: string): string {
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = lines.filter((line) => line !== "" && !HOP_HEADER.test(nameOf(line)));
  return [statusLine, ...headers, "Connection: close"].join("\r\n") + END_OF_HEAD;
}

/** Whether another head follows this one (RFC 9110 §15.2). */
export const isInterim = (head: string): boolean => /^HTTP\/1\.[01] 1\d\d/.test(head);

function authority(text: string): Target {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:]+):(\d{1,5})$/.exec(text);
  if (!match) throw new AppError("invalid_request", "CONNECT needs host:port.");
  return parseTarget(match[1] ?? "", Number(match[2]));
}

const nameOf = (line: string): string => line.slice(0, line.indexOf(":")).trim();
