import type { Socket } from "bun";
import { until } from "./until.ts";

const UPGRADED = "HTTP/1.1 101";
const HEAD_END = Buffer.from("\r\n\r\n");
const OPCODE_TEXT = 1;
const OPCODE_CLOSE = 8;
const OPCODE_PING = 9;
const OPCODE_PONG = 10;
const EMPTY = Buffer.alloc(0);

interface Options {
  port: number;
  path: string;
  count: number;
  headers?: Readonly<Record<string, string>>;
  /** Every text frame: which reader, and its bytes (valid during the call). */
  onText?: (reader: number, text: Buffer) => void;
  /** One more is no longer open. */
  onEnd?: () => void;
}

/** One reader of the load: small, since ten thousand stand in one process. */
interface Reader {
  readonly index: number;
  isOpen: boolean;
  rest: Buffer;
  closeCode: number | undefined;
  isGone: boolean;
}

/**
 * Many WebSocket clients in one process, made of bare TCP so that they cost less than what they measure: they read
 * frames, answer pings, and can stop reading altogether, which the WebSocket of a runtime does not let one do.
 */
export class SocketLoad {
  readonly readers: Reader[] = [];
  readonly #sockets: Socket<Reader>[] = [];
  readonly #options: Options;
  #receivedBytes = 0;
  #refusal: string | undefined;

  private constructor(options: Options) {
    this.#options = options;
  }

  /** Connects them, 200 at a time, and waits until the last is upgraded. @throws Error with what the server said instead. */
  static async open(options: Options): Promise<SocketLoad> {
    const load = new SocketLoad(options);
    const batch = 200;
    for (let start = 0; start < options.count; start += batch) {
      const size = Math.min(batch, options.count - start);
      await Promise.all(Array.from({ length: size }, (_, i) => load.#connect(start + i)));
      await until(
        () =>
          load.readers.length === start + size && load.readers.every((one) => one.isOpen || load.#refusal),
      );
      if (load.#refusal !== undefined) throw new Error(load.#refusal);
    }
    return load;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Readers that the server has not closed. */
  get openCount(): number {
    return this.readers.filter((one) => !one.isGone && one.closeCode === undefined).length;
  }

  /** Sends a text frame; a client masks (here with zeros, which change nothing). */
  sendText(reader: number, text: string): void {
    this.#sockets[reader]?.write(clientFrame(OPCODE_TEXT, Buffer.from(text)));
  }

  stopReading(reader: number): void {
    this.#sockets[reader]?.pause();
  }

  readAgain(reader: number): void {
    this.#sockets[reader]?.resume();
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  async #connect(index: number): Promise<void> {
    const reader: Reader = { index, isOpen: false, rest: EMPTY, closeCode: undefined, isGone: false };
    this.readers[index] = reader;
    const socket = await Bun.connect<Reader>({
      hostname: "127.0.0.1",
      port: this.#options.port,
      data: reader,
      socket: {
        data: (socket, bytes) => this.#read(socket, bytes),
        close: (socket) => this.#lose(socket.data),
        error: (socket) => this.#lose(socket.data),
      },
    });
    this.#sockets[index] = socket;
    const { path, port, headers = {} } = this.#options;
    const lines = [
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Version: 13",
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  }

  #lose(reader: Reader): void {
    reader.isGone = true;
    this.#options.onEnd?.();
  }

  #endBy(reader: Reader, closeCode: number): void {
    reader.closeCode = closeCode;
    this.#options.onEnd?.();
  }

  #read(socket: Socket<Reader>, bytes: Buffer): void {
    const reader = socket.data;
    this.#receivedBytes += bytes.length;
    let buffer = reader.rest.length === 0 ? bytes : Buffer.concat([reader.rest, bytes]);
    if (!reader.isOpen) {
      const end = buffer.indexOf(HEAD_END);
      if (end < 0) {
        reader.rest = Buffer.from(buffer);
        return;
      }
      if (!buffer.subarray(0, end).toString("latin1").startsWith(UPGRADED)) {
        this.#refusal = buffer.toString("latin1");
        return;
      }
      reader.isOpen = true;
      buffer = buffer.subarray(end + HEAD_END.length);
    }
    const used = this.#readFrames(socket, buffer);
    reader.rest = used === buffer.length ? EMPTY : Buffer.from(buffer.subarray(used));
  }

  /** Takes the whole frames of `buffer`; returns how many bytes they were. */
  #readFrames(socket: Socket<Reader>, buffer: Buffer): number {
    let at = 0;
    while (buffer.length - at >= 2) {
      const opcode = (buffer[at] ?? 0) & 0x0f;
      const short = (buffer[at + 1] ?? 0) & 0x7f;
      const headSize = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (buffer.length - at < headSize) break;
      const size =
        short === 127
          ? Number(buffer.readBigUInt64BE(at + 2))
          : short === 126
            ? buffer.readUInt16BE(at + 2)
            : short;
      const end = at + headSize + size;
      if (buffer.length < end) break;
      this.#take(socket, opcode, buffer.subarray(at + headSize, end));
      at = end;
    }
    return at;
  }

  #take(socket: Socket<Reader>, opcode: number, payload: Buffer): void {
    if (opcode === OPCODE_TEXT) this.#options.onText?.(socket.data.index, payload);
    else if (opcode === OPCODE_PING) socket.write(clientFrame(OPCODE_PONG, payload));
    else if (opcode === OPCODE_CLOSE)
      this.#endBy(socket.data, payload.length >= 2 ? payload.readUInt16BE(0) : 1005);
  }
}

function clientFrame(opcode: number, payload: Buffer): Buffer {
  const head =
    payload.length < 126 ? [0x80 | opcode, 0x80 | payload.length] : longHead(opcode, payload.length);
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload]);
}

function longHead(opcode: number, size: number): number[] {
  if (size < 65_536) return [0x80 | opcode, 0x80 | 126, size >> 8, size & 0xff];
  return [
    0x80 | opcode,
    0x80 | 127,
    0,
    0,
    0,
    0,
    size >>> 24,
    (size >> 16) & 0xff,
    (size >> 8) & 0xff,
    size & 0xff,
  ];
}
