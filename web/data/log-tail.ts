import { Observable } from "../lib/observable.ts";
import { printQuery } from "./api.ts";
import { filterParameters, type LogFilter, type LogLine } from "./logs.ts";
import { type ReconnectDependencies, ReconnectingSocket } from "./reconnecting-socket.ts";

/** `lost` until the line stands again. */
export type LogTailPhase = "idle" | "connecting" | "open" | "lost";

/** Lines are handed on together this often: a busy server sends thousands a second, the eye sees sixty frames. */
const FLUSH_MS = 100;
/** Lines that wait for that; further ones count as dropped. */
const MAX_WAITING = 2_000;

/** Who follows the tail. */
export interface LogListener {
  /** The connection stands: what was written before must be asked for. */
  opened(): void;
  lines(lines: readonly LogLine[]): void;
  /** So many lines were left out after those heard last. */
  dropped(count: number): void;
}

/** Lines as they come in, filtered by the server; reconnects by itself. */
export class LogTail {
  readonly phase = new Observable<LogTailPhase>("idle");
  readonly #deps: ReconnectDependencies;
  readonly #socket: ReconnectingSocket;
  #path = "";
  #listener: LogListener | undefined;
  #waiting: LogLine[] = [];
  #dropped = 0;
  #cancelFlush: (() => void) | undefined;

  constructor(deps: ReconnectDependencies) {
    this.#deps = deps;
    this.#socket = new ReconnectingSocket(deps, {
      dial: () => deps.openSocket(this.#path),
      opened: () => this.#open(),
      receive: (data) => this.#receive(data),
      lost: () => this.phase.set("lost"),
    });
  }

  /** Whatever was followed before is let go. */
  follow(filter: LogFilter, listener: LogListener): void {
    this.stop();
    this.#path = `/api/v3/ws/logs${printQuery(filterParameters(filter))}`;
    this.#listener = listener;
    this.phase.set("connecting");
    this.#socket.connect();
  }

  stop(): void {
    this.#socket.close();
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    this.#waiting = [];
    this.#dropped = 0;
    this.#listener = undefined;
    this.phase.set("idle");
  }

  #open(): void {
    this.#socket.settle();
    this.phase.set("open");
    this.#listener?.opened();
  }

  #receive(data: unknown): void {
    const message = parseTailMessage(data);
    if (message === undefined) return;
    if (message.type === "dropped") this.#dropped += message.count;
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(message.line);
    else this.#dropped += 1;
    this.#cancelFlush ??= this.#deps.clock.after(FLUSH_MS, () => this.#flush());
  }

  #flush(): void {
    const [lines, dropped] = [this.#waiting, this.#dropped];
    this.#cancelFlush = undefined;
    this.#waiting = [];
    this.#dropped = 0;
    if (lines.length > 0) this.#listener?.lines(lines);
    if (dropped > 0) this.#listener?.dropped(dropped);
  }
}

type TailMessage = { type: "line"; line: LogLine } | { type: "dropped"; count: number };

function parseTailMessage(data: unknown): TailMessage | undefined {
  if (typeof data !== "string") return undefined;
  const message: unknown = JSON.parse(data);
  if (typeof message !== "object" || message === null || !("type" in message)) return undefined;
  return message.type === "line" || message.type === "dropped" ? (message as TailMessage) : undefined;
}
