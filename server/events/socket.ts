import { AppError, toAppError } from "../errors/app-error.ts";
import { CLOSE_CODES, closeFor, isPing, type Socket, type SocketRoute, socketRoute } from "../http/socket.ts";
import { Bell } from "../lib/bell.ts";
import type { Clock } from "../lib/clock.ts";
import type { Event } from "./event.ts";
import type { Events } from "./events.ts";
import { type EventPattern, parsePatterns } from "./pattern.ts";
import { eventView } from "./views.ts";

const MAX_MESSAGE_BYTES = 1_024;
const MAX_READERS = 1_000;
const RETRY_MS = 10_000;

/** What a reader asked for in the URL, and what it has while it is open. */
interface Reader {
  patterns: readonly EventPattern[];
  since: number | undefined;
  follower: AsyncIterableIterator<Event> | undefined;
  drained: Bell;
}

interface SocketParts {
  events: Events;
  redactor: { scrub: (text: string) => string };
  clock: Clock;
}

/**
 * Events as they happen. URL: `types` (comma list of patterns), `since` (the last number that was seen).
 * Server → client: `{type:"ready",seq}` with the number to come back with, `{type:"event",event}`,
 * `{type:"missed",count}` where the ring no longer holds what was asked for, `{type:"pong",at}`.
 * Client → server: `{type:"ping"}`. A reader that does not keep up is not sent to until it does; the ring keeps its
 * place.
 */
export function eventSocket({ events, redactor, clock }: SocketParts): SocketRoute {
  let readers = 0;
  // A kept event may hold what became a secret only later.
  const send = (socket: Socket<Reader>, frame: object): number =>
    socket.sendText(redactor.scrub(JSON.stringify(frame)));
  return socketRoute<Reader>({
    path: "/api/v3/ws/events",
    access: "events:read",
    summary: "Events as they happen, from any number that is still kept",
    maxMessageBytes: MAX_MESSAGE_BYTES,
    prepare(url) {
      if (readers >= MAX_READERS) {
        throw new AppError("rate_limited", "There are too many readers of events.", {
          retryAfterMs: RETRY_MS,
        });
      }
      const types = url.searchParams
        .getAll("types")
        .flatMap((text) => text.split(","))
        .filter(Boolean);
      return {
        patterns: parsePatterns(types),
        since: readSince(url),
        follower: undefined,
        drained: new Bell(),
      };
    },
    open(socket) {
      readers++;
      const { state } = socket.data;
      send(socket, { type: "ready", seq: state.since ?? events.status().ring.newestSeq });
      const { patterns, since } = state;
      const onMissed = (count: number): void => void send(socket, { type: "missed", count });
      state.follower = events.follow({ patterns, since, onMissed });
      void pass(socket, state.follower, send);
    },
    message(socket, message) {
      if (isPing(message)) send(socket, { type: "pong", at: clock.now() });
      else socket.close(CLOSE_CODES.badMessage, "The only message here is a ping.");
    },
    drain: (socket) => socket.data.state.drained.ring(),
    close(socket) {
      readers--;
      const { follower, drained } = socket.data.state;
      void follower?.return?.();
      drained.ring();
    },
  });
}

type Send = (socket: Socket<Reader>, frame: object) => number;

async function pass(
  socket: Socket<Reader>,
  follower: AsyncIterableIterator<Event>,
  send: Send,
): Promise<void> {
  try {
    for await (const event of follower) {
      const written = send(socket, { type: "event", event: eventView(event) });
      if (written < 0) await socket.data.state.drained.wait();
    }
  } catch (thrown) {
    const error = toAppError(thrown);
    send(socket, { type: "error", code: error.code, message: error.message });
    closeFor(socket, error);
  }
}

function readSince(url: URL): number | undefined {
  const text = url.searchParams.get("since");
  if (text === null) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const issue = { path: "since", message: "is the seq of the last event that was seen" };
  throw new AppError("validation_failed", `since ${issue.message}.`, { issues: [issue] });
}
