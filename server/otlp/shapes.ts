import type { MessageShape } from "./protobuf.ts";

/*
 * The messages that every signal shares, after opentelemetry-proto: common.proto and resource.proto.
 */

const ANY_VALUE: MessageShape = {
  1: { name: "stringValue", kind: "string" },
  2: { name: "boolValue", kind: "bool" },
  3: { name: "intValue", kind: "int64" },
  4: { name: "doubleValue", kind: "double" },
  5: { name: "arrayValue", kind: () => ({ 1: { name: "values", kind: anyValue, isRepeated: true } }) },
  6: { name: "kvlistValue", kind: () => ({ 1: { name: "values", kind: keyValue, isRepeated: true } }) },
  7: { name: "bytesValue", kind: "base64" },
};

/** A value of any type. */
export const anyValue = (): MessageShape => ANY_VALUE;

const KEY_VALUE: MessageShape = { 1: { name: "key", kind: "string" }, 2: { name: "value", kind: anyValue } };

/** An attribute. */
export const keyValue = (): MessageShape => KEY_VALUE;

/** Who sends. */
export const resource = (): MessageShape => ({
  1: { name: "attributes", kind: keyValue, isRepeated: true },
});

/** The library that recorded. */
export const scope = (): MessageShape => ({
  1: { name: "name", kind: "string" },
  2: { name: "version", kind: "string" },
});
