import protobuf from "protobufjs/minimal.js";
import { AppError } from "../errors/app-error.ts";
import { MAX_OBJECTS } from "./body.ts";

const { Reader } = protobuf;

/** Messages within messages; attributes may nest without end. */
const MAX_DEPTH = 24;
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

/**
 * Reads a message into the shape that OTLP/JSON has: camel case, numbers of 64 bits as texts, identifiers in hexadecimal.
 * @throws AppError `invalid_request` when the bytes are no such message.
 */
export function readMessage(bytes: Uint8Array, shape: MessageShape): Record<string, unknown> {
  try {
    return read(bytes, shape, 0, { messages: MAX_OBJECTS });
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("invalid_request", "The body is not a valid OTLP message in protobuf.", { cause });
  }
}

/** @param room is what the request may still have; it is used up. */
function read(
  bytes: Uint8Array,
  shape: MessageShape,
  depth: number,
  room: { messages: number },
): Record<string, unknown> {
  if (depth > MAX_DEPTH)
    throw new AppError("invalid_request", `OTLP nests at most ${MAX_DEPTH} levels here.`);
  if (room.messages-- === 0)
    throw new AppError("invalid_request", `A body has at most ${MAX_OBJECTS} messages within each other.`);
  const reader = Reader.create(bytes);
  const message: Record<string, unknown> = {};
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const [number, wire] = [tag >>> WIRE_BITS, tag & ((1 << WIRE_BITS) - 1)];
    const field = shape[number];
    const expected = field && (typeof field.kind === "string" ? WIRE_OF[field.kind] : WIRE.bytes);
    if (!field || wire !== expected) {
      reader.skipType(wire);
      continue;
    }
    const { name, kind, isRepeated } = field;
    const value =
      typeof kind === "string" ? readScalar(reader, kind) : read(reader.bytes(), kind(), depth + 1, room);
    if (!isRepeated) message[name] = value;
    else if (Array.isArray(message[name])) message[name].push(value);
    else message[name] = [value];
  }
  return message;
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

/** The answer to an export request that was taken in part: `partial_success` with its two fields. */
export function writePartialSuccess(rejected: number, problem: string): Uint8Array<ArrayBuffer> {
  const writer = protobuf.Writer.create();
  writer.uint32((1 << WIRE_BITS) | WIRE.bytes).fork();
  writer.uint32((1 << WIRE_BITS) | WIRE.varint).uint32(rejected);
  writer.uint32((2 << WIRE_BITS) | WIRE.bytes).string(problem);
  return new Uint8Array(writer.ldelim().finish());
}
