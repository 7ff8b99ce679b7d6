import { statedLevel } from "./stated-level.ts";

/*
 * Stack traces as runtimes print them. Loggers print some of them below a line of their own (`logging.exception` of Python,
 * the loggers of Java), a crash prints the same without one.
 */

/** How one runtime writes a trace, beside the lines that begin with blanks. */
export interface TraceKind {
  /** How it begins; it is never part of what stands before. */
  begins?: RegExp;
  /** How it begins below the line of a logger; where there is none, it is a record of its own. */
  follows?: RegExp;
  /** Further lines of it. */
  goesOn?: RegExp;
  /** Its line that ends a stretch of lines with blanks. */
  ends?: RegExp;
  /** After such a line of it the next belongs to it, whatever it says. */
  introduces?: RegExp;
}

const PYTHON: TraceKind = {
  follows: /^(?:(?: +\+ Exception Group )?Traceback \(most recent call last\):| {2}File ".+", line \d+$)/,
  goesOn: /^(?:During handling of the above exception|The above exception was the direct cause)/,
  // `ValueError: no`, `app.errors.Refused: no`, `KeyboardInterrupt`.
  ends: /^[A-Za-z_][\w.]*(?::|$)/,
  introduces: /^(?:During handling of the above exception|The above exception was the direct cause)/,
};

const JAVA: TraceKind = {
  begins: /^Exception in thread "/,
  follows: /^(?:[a-z_]\w*\.)+[A-Z][\w$]*(?:Exception|Error)\b/,
};

const NODE: TraceKind = {
  // Where it was thrown; then come the line of the source, marks below it, and the error.
  begins: /^(?:\[eval\]|(?:file:\/\/|node:|\/)\S*\.[cm]?[jt]sx?):\d+$/,
  goesOn: /^Node\.js v\d/,
  introduces: /:\d+$|^ *\^+$/,
};

const GO: TraceKind = {
  begins: /^(?:panic: |fatal error: )/,
  follows: /^goroutine \d+ \[/,
  // Functions stand as `net/http.(*conn).serve(0x1, {0x2})`, registers as `rax 0x0`.
  goesOn:
    /^(?:goroutine \d+ \[|\[signal |created by |runtime stack:$|r\w{1,5} +0x|(?=.*\)$)[\w./*()[\]·-]+\()/,
};

const RUST: TraceKind = {
  begins: /^thread '.*'(?: \(\d+\))? panicked at /,
  goesOn: /^(?:note: |stack backtrace:$)/,
  introduces: /^thread '.*'(?: \(\d+\))? panicked at .*:$/,
};

const PHP: TraceKind = {
  begins: /^(?:\[[^\]]{1,50}\] )?PHP (?:Fatal error|Warning|Parse error): /,
  goesOn: /^(?:Stack trace:$|#\d+ )/,
};

const KINDS: readonly TraceKind[] = [PYTHON, JAVA, NODE, GO, RUST, PHP];
/** What every runtime goes on with. */
const CONTINUATION = /^(?:[ \t]|at \S|Caused by: |Suppressed: |\.\.\. \d+ more)/;
/** What closes an object that an error was printed with. */
const CLOSING = /^[}\])]+[,;]?$/;
const INDENTED = /^[ \t]/;
/** A line that says that something failed, where it states no level. */
const FAILURE =
  /\b(?:error|exception|fail(?:ed|ure)?|fatal|critical|severe|panic|warning|unhandled|uncaught)\b/i;
/** An error with where it happened below it. */
const PRINTED_ERROR =
  /^(?:Uncaught |Unhandled exception\. )?(?:[\w.$]+ \[\w*Error\]|[\w.$]*(?:Error|Exception)\b)[^\n]*\n\s+at /;
/** No line is looked at further than this: it comes from strangers. */
export const SEARCHED_CHARACTERS = 1_000;

/** What is known of the record that a line may go on with. */
export interface RecordSoFar {
  /** Its first line. */
  head: string;
  trace: TraceKind | undefined;
  /** Its last line. */
  before: string;
}

/** The trace that begins with a line, wherever it stands. @param text its first {@link SEARCHED_CHARACTERS} */
export const traceBeginningWith = (text: string): TraceKind | undefined =>
  KINDS.find(({ begins, follows }) => begins?.test(text) || follows?.test(text));

/** Whether a text is nothing but what a failure prints. */
export function isCrash(text: string): boolean {
  const start = text.slice(0, SEARCHED_CHARACTERS);
  const [first = ""] = start.split("\n", 1);
  return (
    (first.length < start.length && traceBeginningWith(first) !== undefined) || PRINTED_ERROR.test(start)
  );
}

/** Whether a line belongs to the record. @param beginning the trace that begins with it, if one does */
export function goesOn(
  { head, trace, before }: RecordSoFar,
  text: string,
  beginning: TraceKind | undefined,
): boolean {
  // A document of JSON is a line of its own.
  if (head.startsWith("{")) return false;
  if (trace?.goesOn?.test(text) || trace?.introduces?.test(before)) return true;
  if (INDENTED.test(before) && (trace?.ends?.test(text) || CLOSING.test(text))) return true;
  if (!beginning || (trace === beginning && INDENTED.test(text))) return CONTINUATION.test(text);
  return trace === undefined && beginning.begins?.test(text) !== true && announcesFailure(head);
}

function announcesFailure(head: string): boolean {
  const level = statedLevel(head);
  if (level !== undefined) return level === "error" || level === "warning";
  return FAILURE.test(head);
}
