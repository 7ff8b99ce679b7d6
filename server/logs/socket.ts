import { AppError, toAppError } from "../errors/app-error.ts";
import { CLOSE_CODES, closeFor, isPing, type Socket, type SocketRoute, socketRoute } from "../http/socket.ts";
import { Bell } from "../lib/bell.ts";
import type { LiveItem } from "./live.ts";
import type { FilterQuery } from "./model.ts";
import { readFilter } from "./query-text.ts";
import type { Logs } from "./service.ts";
import { lineView } from "./views.ts";

const MAX_MESSAGE_BYTES = 1_024;

interface Reader {
  query: FilterQuery;
  follower: AsyncIterableIterator<LiveItem> | undefined;
  drained: Bell;
}

type Send = (socket: Socket<Reader>, frame: object) => number;

/**
 * Lines as they come in. URL: `level`, `source` (repeated or comma lists), `text`, `correlationId`, `traceId`, as for
 * `GET /api/v3/logger/recent-logs`. Server → client: `{type:"line",line}`, and `{type:"dropped",count}` where a reader
 * was too slow, `{type:"pong"}`. Client → server: `{type:"ping"}`.
 */
export function logSocket(logs: Logs, redactor: { scrub: (text: string) => string }): SocketRoute {
  const send: Send = (socket, frame) => socket.sendText(redactor.scrub(JSON.stringify(frame)));
  return socketRoute<Reader>({
    path: "/api/v3/ws/logs",
    access: "logs:read",
    summary: "Log lines as they come in, filtered by the server",
    maxMessageBytes: MAX_MESSAGE_BYTES,
    prepare(url) {
      const query = readFilter(url.searchParams);
      // Refused before the upgrade, so that the client is told why.
      logs.filterOf(query);
      return { query, follower: undefined, drained: new Bell() };
    },
    open(socket) {
      try {
        const follower = logs.follow(socket.data.state.query);
        socket.data.state.follower = follower;
        void pass(socket, follower, send);
      } catch (thrown) {
        closeFor(socket, toAppError(thrown));
      }
    },
    message(socket, message) {
      if (isPing(message)) send(socket, { type: "pong" });
      else socket.close(CLOSE_CODES.badMessage, "The only message here is a ping.");
    },
    drain: (socket) => socket.data.state.drained.ring(),
    close(socket) {
      const { follower, drained } = socket.data.state;
      void follower?.return?.();
      drained.ring();
    },
  });
}

async function pass(
  socket: Socket<Reader>,
  follower: AsyncIterableIterator<LiveItem>,
  send: Send,
): Promise<void> {
  try {
    for await (const item of follower) {
      const frame =
        "line" in item
          ? { type: "line", line: lineView(item.line) }
          : { type: "dropped", count: item.dropped };
      if (send(socket, frame) < 0) await socket.data.state.drained.wait();
    }
    closeFor(socket, new AppError("not_ready"));
  } catch (thrown) {
    closeFor(socket, toAppError(thrown));
  }
}
