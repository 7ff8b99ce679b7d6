import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { tooDeepAt } from "../../lib/json-depth.ts";

/** One thing that is wrong with a plugin's file: where (a dotted path, empty for the whole), what, and in which line. */
export interface ManifestProblem {
  path: string;
  message: string;
  /** From 1; absent where no line is to blame. */
  line?: number;
  column?: number;
}

/** A JSON text that was read, and where its parts stand. */
export interface JsonText {
  value: unknown;
  /** Line and column of the value at that dotted path, or of the nearest one around it. */
  placeOf(path: string): { line: number; column: number };
}

const MAX_DEPTH = 32;
const MAX_PROBLEMS = 50;
/** Objects that become prototypes when somebody copies them carelessly. */
const REFUSED_KEY = "__proto__";

/** Reads strict JSON (RFC 8259): UTF-8, each key once in an object, nested at most 32 levels. */
export function readJsonText(
  bytes: Uint8Array,
  maxBytes: number,
): JsonText | { problems: ManifestProblem[] } {
  if (bytes.length > maxBytes) return failed(`has ${bytes.length} bytes; at most ${maxBytes} are read`);
  const text = decode(bytes);
  if (text === undefined) return failed("is not UTF-8");
  const place = placesIn(text);
  const tooDeep = tooDeepAt(text, MAX_DEPTH);
  if (tooDeep !== undefined) {
    return { problems: [{ path: "", message: `nests more than ${MAX_DEPTH} levels`, ...place(tooDeep) }] };
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [error] = errors;
  if (error || !root) {
    const reason = error ? inWords(printParseErrorCode(error.error)) : "is empty";
    return {
      problems: [{ path: "", message: `is not JSON: ${reason}`, ...(error ? place(error.offset) : {}) }],
    };
  }
  const problems = keyProblems(root, "", place).slice(0, MAX_PROBLEMS);
  if (problems.length > 0) return { problems };
  return { value: JSON.parse(text), placeOf: (path) => place(offsetOf(root, path)) };
}

const failed = (message: string) => ({ problems: [{ path: "", message }] });

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** `InvalidSymbol` → `invalid symbol`. */
const inWords = (code: string): string => code.replace(/(?<=[a-z])[A-Z]/g, " $&").toLowerCase();

type Places = (offset: number) => { line: number; column: number };

function placesIn(text: string): Places {
  return (offset) => {
    const before = text.slice(0, offset);
    const line = before.split("\n").length;
    return { line, column: offset - before.lastIndexOf("\n") };
  };
}

function keyProblems(node: Node, path: string, place: Places): ManifestProblem[] {
  const seen = new Set<string>();
  return (node.children ?? []).flatMap((child, index) => {
    if (node.type === "array") return keyProblems(child, join(path, String(index)), place);
    const [key, value] = child.children ?? [];
    const name = String(key?.value);
    const at = join(path, name);
    const message =
      name === REFUSED_KEY ? "is not taken as a name" : seen.has(name) ? "stands here twice" : undefined;
    seen.add(name);
    const problem = message === undefined ? [] : [{ path: at, message, ...place(child.offset) }];
    return [...problem, ...(value ? keyProblems(value, at, place) : [])];
  });
}

const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

/** Of what stands there, or of the nearest thing around it that does. */
function offsetOf(root: Node, path: string): number {
  const segments =
    path === "" ? [] : path.split(".").map((name) => (/^\d+$/.test(name) ? Number(name) : name));
  for (let length = segments.length; length > 0; length--) {
    const node = nodeAt(root, segments.slice(0, length));
    if (node) return node.parent?.type === "property" ? node.parent.offset : node.offset;
  }
  return root.offset;
}

/** A number may be an item of a list or a key that looks like one. */
const nodeAt = (root: Node, segments: readonly (string | number)[]): Node | undefined =>
  findNodeAtLocation(root, [...segments]) ?? findNodeAtLocation(root, segments.map(String));
