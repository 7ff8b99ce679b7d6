import { FRAME_KINDS, type FrameKind } from "../../../server/plugins/channel/frames.ts";
import { buffer, CHANNEL, Denied, sys } from "./kit.ts";

const POLLIN = 1;
const POLLOUT = 4;
/** Kind and number; the length before them. */
const HEAD_BYTES = 5;
const PREFIX_BYTES = 4 + HEAD_BYTES;
const HEALTHY = '{"status":"healthy"}';
/** So many frames with nothing for us among them: nobody answers. */
const MAX_FRAMES = 1_000;
const WAIT_MS = 10_000;

let lastRequest = 0;

/** The number that the server expects next: its own plugin knows it, as long as it asks in no other way. */
export const nextRequest = (): number => ++lastRequest;

/** A frame as the wire has it, with any kind, number and length that somebody might claim. */
export function frameOf(
  kind: FrameKind | number,
  id: number,
  payload: string | Uint8Array,
  claimed?: number,
) {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const frame = buffer(9 + bytes.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, claimed ?? 5 + bytes.length, true);
  view.setUint8(4, typeof kind === "number" ? kind : FRAME_KINDS[kind]);
  view.setUint32(5, id, true);
  frame.set(bytes, 9);
  return frame;
}

/** Waits until the channel can be written or read. @throws Denied when it cannot for long */
function wait(events: number): void {
  const poll = new Int32Array([CHANNEL, events]);
  const name = process.arch === "x64" ? "poll" : "ppoll";
  const timeout = process.arch === "x64" ? WAIT_MS : BigInt64Array.of(BigInt(WAIT_MS / 1_000), 0n);
  if (sys(name, poll, 1, timeout, 0) === 0) throw new Denied("no answer");
}

/** Writes straight to the channel's descriptor, past the host. @throws Denied when the server has ended it */
export function writeRaw(bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(sys("write", CHANNEL, rest, rest.length));
    } catch (error) {
      if (!(error instanceof Denied) || error.code !== "EAGAIN") throw error;
      wait(POLLOUT);
    }
  }
}

/**
 * Asks the server straight over the descriptor and takes the answer before the host can: this thread is the one that
 * would read it. @throws Denied with the code of the server's refusal
 */
export function askRaw(method: string, params: unknown): unknown {
  return askText(JSON.stringify([method, params]));
}

/** As {@link askRaw}, with any text as the request. */
export function askText(request: string): unknown {
  const asked = nextRequest();
  writeRaw(frameOf("request", asked, request));
  for (let index = 0; index < MAX_FRAMES; index++) {
    const { kind, id, payload } = readFrame();
    // What the server asks meanwhile, its health check, would otherwise wait for a host that never heard of it.
    if (kind === FRAME_KINDS.request) writeRaw(frameOf("response", id, HEALTHY));
    if (id !== asked || (kind !== FRAME_KINDS.response && kind !== FRAME_KINDS.error)) continue;
    const value: unknown = JSON.parse(new TextDecoder().decode(payload));
    if (kind === FRAME_KINDS.response) return value;
    throw new Denied(String((value as { code?: unknown }).code));
  }
  throw new Denied("no answer");
}

/** One whole frame and no byte of the next: that is the host's. */
function readFrame(): { kind: number; id: number; payload: Uint8Array } {
  const prefix = new DataView(readExactly(PREFIX_BYTES).buffer);
  const payload = readExactly(prefix.getUint32(0, true) - HEAD_BYTES);
  return { kind: prefix.getUint8(4), id: prefix.getUint32(5, true), payload };
}

function readExactly(sizeBytes: number): Uint8Array {
  const bytes = buffer(sizeBytes);
  let offset = 0;
  while (offset < sizeBytes) {
    wait(POLLIN);
    const taken = sys("read", CHANNEL, bytes.subarray(offset), sizeBytes - offset);
    if (taken === 0) throw new Denied("the channel has ended");
    offset += taken;
  }
  return bytes;
}
