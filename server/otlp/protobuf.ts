import protobuf from "protobufjs/minimal.js";
import { AppError } from "../errors/app-error.ts";
import { startBreathing } from "../lib/breathe.ts";
import { MAX_OBJECTS } from "./body.ts";

const { Reader } = protobuf;

/** Messages within messages; attributes may nest without end. */
const MAX_DEPTH = 24;
/** Fields of one body, those that are skipped too: two bytes are enough for one. */
const MAX_FIELDS = 1_500_000;
/** Depth of what groups items by their library: of logs and of traces alike. */
const GROUP_DEPTH = 2;
/** How long reading holds the event loop, before other requests run. */
const SLICE_MS = 4;
/** Items between two looks at the clock. */
const ITEMS_A_LOOK = 50;
const WIRE_BITS = 3;
const FIXED64_BYTES = 8;
/** Wire types: varint, eight bytes, length and bytes, four bytes. */
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** How a field is written. `hex` and `base64` are bytes as OTLP/JSON writes them. */
type ScalarKind =
  | "string"
  | "hex"
  | "base64"
  | "fixed64"
  | "fixed32"
  | "uint32"
  | "int64"
  | "bool"
  | "double";

const WIRE_OF: Readonly<Record<ScalarKind, number>> = {
  string: WIRE.bytes,
  hex: WIRE.bytes,
  base64: WIRE.bytes,
  fixed64: WIRE.fixed64,
  double: WIRE.fixed64,
  fixed32: WIRE.fixed32,
  uint32: WIRE.varint,
  int64: WIRE.varint,
  bool: WIRE.varint,
};

interface FieldShape {
  name: string;
  kind: ScalarKind | (() => MessageShape);
  isRepeated?: boolean;
}

/** The fields of a message by their numbers; others are skipped. */
export type MessageShape = Readonly<Record<number, FieldShape>>;

/** What a request may still have, and which of its items are read later. */
interface Room {
  messages: number;
  fields: number;
  readonly later: (() => void)[];
}

/**
 * Reads a message into the shape that OTLP/JSON has: camel case, numbers of 64 bits as texts, identifiers in hexadecimal.
 * It lets the event loop run between items.
 * @throws AppError `invalid_request` when the bytes are no such message.
 */
export async function readMessage(bytes: Uint8Array, shape: MessageShape): Promise<Record<string, unknown>> {
  const breathe = startBreathing(SLICE_MS);
  try {
    const room: Room = { messages: MAX_OBJECTS, fields: MAX_FIELDS, later: [] };
    const message = read(bytes, shape, 0, room);
    for (const [index, readItem] of room.later.entries()) {
      if (index % ITEMS_A_LOOK === 0) await breathe();
      readItem();
    }
    return message;
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("invalid_request", "The body is not a valid OTLP message in protobuf.", { cause });
  }
}

/** @param room is what the request may still have; it is used up. */
function read(bytes: Uint8Array, shape: MessageShape, depth: number, room: Room): Record<string, unknown> {
  if (depth > MAX_DEPTH)
    throw new AppError("invalid_request", `OTLP nests at most ${MAX_DEPTH} levels here.`);
  if (room.messages-- === 0) throw tooMany();
  const reader = Reader.create(bytes);
  const message: Record<string, unknown> = {};
  while (reader.pos < reader.len) {
    if (room.fields-- === 0)
      throw new AppError("invalid_request", `A body has at most ${MAX_FIELDS} fields.`);
    const tag = reader.uint32();
    const [number, wire] = [tag >>> WIRE_BITS, tag & ((1 << WIRE_BITS) - 1)];
    const field = shape[number];
    const expected = field && (typeof field.kind === "string" ? WIRE_OF[field.kind] : WIRE.bytes);
    if (!field || wire !== expected) {
      reader.skipType(wire);
      continue;
    }
    const { name, kind, isRepeated } = field;
    if (typeof kind !== "string" && isRepeated && depth === GROUP_DEPTH) {
      readLater(listIn(message, name), reader.bytes(), kind(), room);
      continue;
    }
    const value =
      typeof kind === "string" ? readScalar(reader, kind) : read(reader.bytes(), kind(), depth + 1, room);
    if (isRepeated) listIn(message, name).push(value);
    else message[name] = value;
  }
  return message;
}

function listIn(message: Record<string, unknown>, name: string): unknown[] {
  const known = message[name];
  const list: unknown[] = Array.isArray(known) ? known : [];
  message[name] = list;
  return list;
}

function readLater(list: unknown[], bytes: Uint8Array, shape: MessageShape, room: Room): void {
  if (room.later.length >= room.messages) throw tooMany();
  const index = list.push(undefined) - 1;
  room.later.push(() => {
    list[index] = read(bytes, shape, GROUP_DEPTH + 1, room);
  });
}

function readScalar(reader: protobuf.Reader, kind: ScalarKind): unknown {
  switch (kind) {
    case "string":
      return reader.string();
    case "hex":
      return Buffer.from(reader.bytes()).toString("hex");
    case "base64":
      return Buffer.from(reader.bytes()).toString("base64");
    case "fixed64":
      return readFixed64(reader);
    case "double":
      return reader.double();
    case "fixed32":
      return reader.fixed32();
    case "uint32":
      return reader.uint32();
    case "int64":
      return String(reader.int64());
    case "bool":
      return reader.bool();
  }
}

/** Nanoseconds since the epoch exceed what a number holds exactly. */
function readFixed64(reader: protobuf.Reader): string {
  const { buf, pos } = reader;
  reader.skip(FIXED64_BYTES);
  return new DataView(buf.buffer, buf.byteOffset + pos, FIXED64_BYTES).getBigUint64(0, true).toString();
}

const tooMany = (): AppError =>
  new AppError("invalid_request", `A body has at most ${MAX_OBJECTS} messages within each other.`);

/** The answer to an export request that was taken in part: `partial_success` with its two fields. */
export function writePartialSuccess(rejected: number, problem: string): Uint8Array<ArrayBuffer> {
  const writer = protobuf.Writer.create();
  writer.uint32((1 << WIRE_BITS) | WIRE.bytes).fork();
  writer.uint32((1 << WIRE_BITS) | WIRE.varint).uint32(rejected);
  writer.uint32((2 << WIRE_BITS) | WIRE.bytes).string(problem);
  return new Uint8Array(writer.ldelim().finish());
}
