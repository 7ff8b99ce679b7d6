import type { PluginContext } from "binnacle";
import { Dialogue, refusalOf } from "./dialogue.ts";
import { SmtpRefusal } from "./smtp-refusal.ts";

export interface MailServer {
  host: string;
  port: number;
  security: "starttls" | "tls" | "none";
  username: string;
  password: string;
}

export interface Envelope {
  from: string;
  to: readonly string[];
  /** Lines that end with CR LF. */
  mail: string;
}

/** What the server said of the e-mail, and of recipients that it did not take. */
export interface MailReceipt {
  answer: string;
  refused: string[];
}

const READY = 220;
const DONE = 250;
const GO_ON = 354;
const AUTHENTICATED = 235;
const CHALLENGE = 334;
const FIRST_REFUSAL = 400;
const FIRST_FINAL = 500;

/**
 * Hands an e-mail to a mail server. When one recipient is refused for now, nothing is sent: the next attempt reaches all
 * of them, and nobody twice.
 * @throws SmtpRefusal what the server refuses; Error when the connection fails
 */
export async function deliverMail(
  connect: PluginContext["connect"],
  server: MailServer,
  { from, to, mail }: Envelope,
): Promise<MailReceipt> {
  const { host, port, security } = server;
  let dialogue = new Dialogue(await connect({ host, port, tls: security === "tls" }));
  try {
    await dialogue.expect(READY, "the connection");
    const name = from.split("@").at(-1) ?? "localhost";
    let offers = await greet(dialogue, name);
    if (security === "starttls") {
      if (!offers.has("STARTTLS")) throw new SmtpRefusal("The mail server offers no STARTTLS.", true);
      await dialogue.command("STARTTLS", READY);
      dialogue = await dialogue.secured();
      offers = await greet(dialogue, name);
    }
    if (server.username !== "") await authenticate(dialogue, server, offers.get("AUTH") ?? "");
    await dialogue.command(`MAIL FROM:<${from}>`, DONE);
    const refused = await nameRecipients(dialogue, to);
    await dialogue.command("DATA", GO_ON);
    // RFC 5321 §4.5.2: a line that begins with a dot gets another one.
    await dialogue.send(`${mail.replace(/^\./gm, "..")}.\r\n`);
    const { code, lines } = await dialogue.expect(DONE, "the message");
    await dialogue.quit();
    return { answer: `The mail server answered ${code} ${lines.join(" ")}`, refused };
  } finally {
    await dialogue.close();
  }
}

/** What the server offers: word → its parameters. */
async function greet(dialogue: Dialogue, name: string): Promise<Map<string, string>> {
  const { lines } = await dialogue.command(`EHLO ${name}`, DONE);
  return new Map(
    lines.slice(1).map((line) => {
      const [word = "", ...parameters] = line.trim().toUpperCase().split(/\s+/);
      return [word, parameters.join(" ")];
    }),
  );
}

/** RFC 4954, with PLAIN or LOGIN, whichever the server offers. */
async function authenticate(
  dialogue: Dialogue,
  { security, username, password }: MailServer,
  offered: string,
): Promise<void> {
  if (security === "none") {
    throw new SmtpRefusal("A password is not sent without encryption; choose STARTTLS or TLS.", true);
  }
  const mechanisms = offered.split(" ");
  if (mechanisms.includes("PLAIN")) {
    await dialogue.command(`AUTH PLAIN ${base64(`\0${username}\0${password}`)}`, AUTHENTICATED);
  } else if (mechanisms.includes("LOGIN")) {
    await dialogue.command("AUTH LOGIN", CHALLENGE);
    await answerChallenge(dialogue, username, CHALLENGE);
    await answerChallenge(dialogue, password, AUTHENTICATED);
  } else throw new SmtpRefusal("The mail server takes no password by PLAIN or LOGIN.", true);
}

async function answerChallenge(dialogue: Dialogue, text: string, wanted: number): Promise<void> {
  await dialogue.send(`${base64(text)}\r\n`);
  await dialogue.expect(wanted, "AUTH LOGIN");
}

/** @returns why some were refused for good. @throws SmtpRefusal when one is refused for now, or all for good */
async function nameRecipients(dialogue: Dialogue, to: readonly string[]): Promise<string[]> {
  const refused: string[] = [];
  for (const recipient of to) {
    await dialogue.send(`RCPT TO:<${recipient}>\r\n`);
    const reply = await dialogue.reply();
    if (reply.code < FIRST_REFUSAL) continue;
    const refusal = refusalOf(reply, `RCPT ${recipient}`);
    if (reply.code < FIRST_FINAL) throw refusal;
    refused.push(refusal.message);
  }
  if (refused.length === to.length) throw new SmtpRefusal(refused.join("; "), true);
  return refused;
}

const base64 = (text: string): string => new TextEncoder().encode(text).toBase64();
