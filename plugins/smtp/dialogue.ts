import type { Connection } from "binnacle";
import { SmtpRefusal } from "./smtp-refusal.ts";

/** What a server answers to one command: its code, and the text of each line. */
export interface Reply {
  code: number;
  lines: string[];
}

const MAX_LINE_BYTES = 4_096;
const MAX_LINES = 200;
const MAX_QUOTED = 300;
/** From here on an answer is final. */
const FINAL_CODE = 500;
const REPLY_LINE = /^(\d{3})([ -]?)(.*)$/;

/** Commands and replies over one connection, one after the other. */
export class Dialogue {
  readonly #connection: Connection;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #unread = "";

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#reader = connection.readable.getReader();
    this.#writer = connection.writable.getWriter();
  }

  /** Sends a line and reads the reply to it. @throws SmtpRefusal for a code that is not `wanted` */
  async command(line: string, wanted: number): Promise<Reply> {
    await this.send(`${line}\r\n`);
    return this.expect(wanted, line.split(" ", 1)[0] ?? "");
  }

  async send(text: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(text));
  }

  /** @throws SmtpRefusal for a reply with another code, whose first digit is another one */
  async expect(wanted: number, to: string): Promise<Reply> {
    const reply = await this.reply();
    if (reply.code === wanted) return reply;
    throw refusalOf(reply, to);
  }

  /** @throws Error for what is no reply, or the end of the connection */
  async reply(): Promise<Reply> {
    const lines: string[] = [];
    for (;;) {
      const [, code, mark, text] = REPLY_LINE.exec(await this.#line()) ?? [];
      if (code === undefined || text === undefined) throw new Error("The mail server does not speak SMTP.");
      lines.push(text);
      if (lines.length > MAX_LINES) throw new Error("The mail server's reply has no end.");
      if (mark !== "-") return { code: Number(code), lines };
    }
  }

  /**
   * The same dialogue over TLS.
   * @throws Error when the server spoke before TLS began: what it said is anybody's
   */
  async secured(): Promise<Dialogue> {
    if (this.#unread !== "") throw new Error("The mail server spoke on before TLS began.");
    return new Dialogue(await this.#connection.startTls());
  }

  /** Takes leave. It never fails: the e-mail is taken, and a server that hangs up first must not get it again. */
  async quit(): Promise<void> {
    await Promise.allSettled([this.send("QUIT\r\n")]);
  }

  /** It never fails: what became of the e-mail is known by now. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#connection.close()]);
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#unread.indexOf("\n");
      if (end >= 0) {
        const line = this.#unread.slice(0, end).replace(/\r$/, "");
        this.#unread = this.#unread.slice(end + 1);
        return line;
      }
      if (this.#unread.length > MAX_LINE_BYTES) throw new Error("The mail server does not speak SMTP.");
      const { done, value } = await this.#reader.read();
      if (done) throw new Error("The mail server ended the connection.");
      this.#unread += this.#decoder.decode(value, { stream: true });
    }
  }
}

/** A reply that says no: for now, or for good (RFC 5321 §4.2.1). */
export const refusalOf = ({ code, lines }: Reply, to: string): SmtpRefusal =>
  new SmtpRefusal(
    `The mail server answered ${to} with ${code} ${lines.join(" ").slice(0, MAX_QUOTED)}`,
    code >= FINAL_CODE,
  );
