import { describe, expect, test } from "bun:test";
import { joinLines } from "../../../../server/logs/watch/join-lines.ts";
import { parseLine } from "../../../../server/logs/watch/parse-line.ts";
import { splitLines } from "../../../../server/logs/watch/split-lines.ts";

const MANY = 10_000;

const joined = (text: string): string[] =>
  joinLines(splitLines(Buffer.from(text), MANY, true).lines).map((line) => line.text);

/** As the runtimes print them: Python 3.11, Node 20, Java 17, Go 1.26, Rust 1.94, PHP 8. */
const LOGGED = {
  "logging.exception of Python": `2030-01-01 17:31:15,195 ERROR root payment failed
Traceback (most recent call last):
  File "/srv/log.py", line 5, in <module>
    try: pay()
         ^^^^^
KeyError: 'stock'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/log.py", line 6, in <module>
    except KeyError: raise ValueError("refused")
shop.errors.Refused: no`,
  "a thread of Python": `Exception in thread Thread-1 (f):
Traceback (most recent call last):
  File "/srv/thread.py", line 2, in f
    def f(): raise OSError("gone")
             ^^^^^^^^^^^^^^^^^^^^^
OSError: gone`,
  "a worker of Celery": `[2030-01-01 12:00:00,000: ERROR/ForkPoolWorker-1] Task pay raised unexpected: KeyError()
Traceback (most recent call last):
  File "/srv/tasks.py", line 2, in pay
KeyError`,
  "a logger of Java": `2030-01-01 12:00:01 ERROR Shop - failed
java.lang.IllegalStateException: no stock
	at shop.Cart.pay(Cart.java:12)
Caused by: java.io.IOException: closed
	at shop.Db.read(Db.java:3)
	... 12 more`,
  "the server of Go": `2030/01/01 17:32:55 http: panic serving 127.0.0.1:45614: runtime error: index out of range [5]
goroutine 10 [running]:
net/http.(*conn).serve.func1()
	/usr/local/go/src/net/http/server.go:1897 +0xbd
panic({0x733760?, 0x3c9fb5a441e0?})
	/usr/local/go/src/runtime/panic.go:860 +0x13a
main.pay(...)
	/srv/a.go:3
created by net/http.(*Server).Serve in goroutine 8
	/usr/local/go/src/net/http/server.go:3464 +0x485`,
};

const CRASHES = {
  "a crash of Python": `Traceback (most recent call last):
  File "/srv/crash.py", line 3, in <module>
    pay()
KeyError: 'stock'`,
  "a group of Python": `  + Exception Group Traceback (most recent call last):
  |   File "/srv/group.py", line 2, in <module>
  | ExceptionGroup: two (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | ValueError: a
    +------------------------------------`,
  "bad syntax of Python": `  File "/srv/syntax.py", line 1
    x = = 1
        ^
SyntaxError: invalid syntax`,
  "a crash of Node": `/srv/crash.js:3
function pay() { throw e; }
                 ^

Refused [Error]: no stock
    at pay (/srv/crash.js:3:28)
    at node:internal/main/run_main_module:28:49 {
  code: 'E_STOCK',
  order: { id: 7 }
}

Node.js v20.20.2`,
  "an error that Node prints": `Refused [Error]: no stock
    at pay (/srv/crash.js:3:28)
    at node:internal/main/run_main_module:28:49 {
  code: 'E_STOCK'
}`,
  "a printed trace of Java": `java.lang.IllegalStateException: no stock
	at A.main(A.java:3)
Caused by: java.io.IOException: closed
	... 8 more`,
  "a crash of Java": `Exception in thread "main" java.lang.RuntimeException: end
	at A.main(A.java:4)`,
  "a crash of Go": `panic: assignment to entry in nil map

goroutine 14 [running]:
main.main.func2()
	/srv/a.go:7 +0x28
created by main.main in goroutine 1
	/srv/a.go:7 +0xb4`,
  "a crash of Rust": `thread 'main' (22891) panicked at src/main.rs:1:88:
index out of bounds: the len is 0 but the index is 0
stack backtrace:
   0: __rustc::rust_begin_unwind
note: Some details are omitted, run with \`RUST_BACKTRACE=full\` for a verbose backtrace.`,
  "a crash of PHP": `PHP Fatal error:  Uncaught Exception: no stock in /srv/a.php:3
Stack trace:
#0 {main}
  thrown in /srv/a.php on line 3`,
};

/** As one record: empty lines are dropped. */
const whole = (trace: string): string => trace.replaceAll(/\n+/g, "\n");

describe("lines that go on with the one before", () => {
  for (const [name, trace] of Object.entries({ ...LOGGED, ...CRASHES })) {
    test(`as ${name} does, become one record, apart from unrelated lines around it`, () => {
      const [before, after] = ["2030-01-01 12:00:00 INFO served", "GET /health 200"];
      expect(joined(`${before}\n${trace}\n${after}\n`)).toEqual([before, whole(trace), after]);
      expect(joined(`${after}\n${trace}\n${before}\n`)).toEqual([after, whole(trace), before]);
      // Where it begins with blanks, nothing tells the next one from more of the same.
      const twice = trace.startsWith(" ")
        ? [`${whole(trace)}\n${whole(trace)}`]
        : [whole(trace), whole(trace)];
      expect(joined(`${trace}\n${trace}\n`)).toEqual(twice);
    });
  }

  test.each(Object.entries(CRASHES))("%s is an error, though it states no level", (_name, trace) => {
    expect(parseLine(whole(trace), { format: "auto" }, 0).level).toBe("error");
  });

  test("stay apart when they only look like the end of one, or follow a document of JSON", () => {
    expect(joined("one\nValueError: no\n{}\n  after\n")).toEqual(["one", "ValueError: no", "{}", "  after"]);
    expect(joined("  first\n")).toEqual(["  first"]);
  });

  test("become a further record once one is full, by lines or by characters", () => {
    const many = joinLines(splitLines(Buffer.from(`start\n${" x\n".repeat(1_200)}`), MANY, true).lines);
    expect(many.map(({ text }) => text.split("\n").length)).toEqual([500, 500, 201]);
    const long = joinLines(
      splitLines(Buffer.from(`start\n${` ${"x".repeat(40_000)}\n`.repeat(3)}`), MANY, true).lines,
    );
    expect(long.map(({ isFull }) => isFull)).toEqual([true, false]);
  });

  test("keep where they end in the file, so that nothing is read twice", () => {
    const text = "a\n b\n c\nd\n";
    expect(joinLines(splitLines(Buffer.from(text), MANY, false).lines).map(({ endsAt }) => endsAt)).toEqual([
      8, 10,
    ]);
  });
});
