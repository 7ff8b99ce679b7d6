import type { Configuration } from "../config/configuration.ts";
import { AppError } from "../errors/app-error.ts";
import { type SocketRoute, socketRoute } from "../http/socket.ts";
import { INTERVAL_RANGE, isIntervalSeconds, MAX_CLIENT_MESSAGE_BYTES } from "./live/client-message.ts";
import { LiveConnection } from "./live/connection.ts";
import type { LiveMetrics, LiveRequest } from "./live.ts";
import { parseSeriesList, seriesFilter } from "./series-filter.ts";

const PATH = "/api/v3/ws/live-metrics";
const RETRY_MS = 10_000;
/** Loopback needs no compression: the bytes never meet a wire. */
const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/** The live-metrics socket: what was asked for in the URL, then the reader itself. */
export const liveMetricsSocket = (live: LiveMetrics, configuration: Configuration): SocketRoute =>
  socketRoute<LiveRequest | LiveConnection>({
    path: PATH,
    access: "metrics:read",
    summary: "Live values: a snapshot, then what changed at each interval",
    maxMessageBytes: MAX_CLIENT_MESSAGE_BYTES,
    prepare(url, exchange) {
      if (!live.hasRoom()) {
        throw new AppError("rate_limited", "There are too many live readers.", { retryAfterMs: RETRY_MS });
      }
      return {
        intervalSeconds: readInterval(url, configuration),
        filter: seriesFilter(url.searchParams.getAll("series").flatMap(parseSeriesList)),
        since: readSince(url),
        isRemote: !LOOPBACK.test(exchange.clientAddress),
      };
    },
    open(socket) {
      const { state } = socket.data;
      if (state instanceof LiveConnection) return;
      const connection = live.join(socket, state);
      if (connection) socket.data.state = connection;
    },
    message(socket, message) {
      const { state } = socket.data;
      if (!(state instanceof LiveConnection)) return;
      if (typeof message === "string") live.receive(state, message);
      else live.refuse(state, "Binary frames are not understood.");
    },
    drain(socket) {
      if (socket.data.state instanceof LiveConnection) live.drained(socket.data.state);
    },
    close(socket) {
      if (socket.data.state instanceof LiveConnection) live.leave(socket.data.state);
    },
  });

function readInterval(url: URL, configuration: Configuration): number {
  const text = url.searchParams.get("interval");
  if (text === null) return configuration.settings.liveMetrics.defaultIntervalSeconds;
  const seconds = /^\d{1,2}$/.test(text) ? Number(text) : undefined;
  if (isIntervalSeconds(seconds)) return seconds;
  throw wrong("interval", `interval is a whole number of seconds from ${INTERVAL_RANGE}.`);
}

function readSince(url: URL): number | undefined {
  const text = url.searchParams.get("since");
  if (text === null) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw wrong("since", "since is the seq of the last frame that was seen.");
}

function wrong(path: string, message: string): AppError {
  return new AppError("validation_failed", message, { issues: [{ path, message }] });
}
