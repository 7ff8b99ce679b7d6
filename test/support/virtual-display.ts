import { readFileSync } from "node:fs";
import { installBrowser } from "./chromium.ts";
import { TempFolder } from "./temp-folder.ts";

const COOKIE_BYTES = 16;
/** Of an Xauthority entry: wherever the display is reached from. */
const FAMILY_WILD = 0xffff;
const COOKIE_NAME = "MIT-MAGIC-COOKIE-1";
const SCREEN = "1280x1024x24";
/** Of a dump of the screen (XWD): sizes in its header are big-endian; each colour of its table takes twelve bytes. */
const PIXEL_BYTES = 4;
const HEADER_SIZE_OFFSET = 0;
const COLOURS_OFFSET = 19 * 4;
const COLOUR_BYTES = 12;

/** An X server without a screen, which lets in whoever has its cookie. */
export class VirtualDisplay implements AsyncDisposable {
  readonly #folder: TempFolder;
  readonly #server: Bun.Subprocess;
  /** As in DISPLAY. */
  readonly name: string;

  private constructor(folder: TempFolder, server: Bun.Subprocess, name: string) {
    this.#folder = folder;
    this.#server = server;
    this.name = name;
  }

  /** Starts Xvfb, which is installed where it is missing. @throws Error when it does not start */
  static async open(): Promise<VirtualDisplay> {
    if (!Bun.which("Xvfb")) await installBrowser();
    if (!Bun.which("Xvfb")) throw new Error("The tests of visible browsers need Xvfb: install it (xvfb).");
    const folder = new TempFolder();
    const authority = folder.file("authority");
    await Bun.write(authority, authorityEntry(crypto.getRandomValues(new Uint8Array(COOKIE_BYTES))));
    // It chooses a free number itself, and says which once it takes connections.
    const server = Bun.spawn(
      [
        "Xvfb",
        "-displayfd",
        "3",
        "-screen",
        "0",
        SCREEN,
        "-nolisten",
        "tcp",
        "-auth",
        authority,
        "-fbdir",
        folder.path,
      ],
      { stdio: ["ignore", "ignore", "pipe", "pipe"] },
    );
    const number = await firstLine(server.stdio[3]);
    if (number === "") throw new Error(`Xvfb did not start: ${await new Response(server.stderr).text()}`);
    return new VirtualDisplay(folder, server, `:${number}`);
  }

  /** What a server that runs on this display has in its environment. */
  get environment(): Record<string, string> {
    return { DISPLAY: this.name, XAUTHORITY: this.#folder.file("authority") };
  }

  /** Pixels of this colour (blue, green, red) that are on the screen now. */
  count(colour: readonly [number, number, number]): number {
    const dump = readFileSync(this.#folder.file("Xvfb_screen0"));
    const screen = dump.subarray(pixelsStart(dump));
    let count = 0;
    for (let at = 0; at + PIXEL_BYTES <= screen.length; at += PIXEL_BYTES) {
      if (colour.every((value, channel) => screen[at + channel] === value)) count++;
    }
    return count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.kill();
    await this.#server.exited;
    this.#folder[Symbol.dispose]();
  }
}

/** One entry of an Xauthority file, for any display: that server's number is not known yet. */
export function authorityEntry(cookie: Uint8Array, display = ""): Uint8Array {
  const text = (bytes: Uint8Array): Buffer => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const family = Buffer.alloc(2);
  family.writeUInt16BE(FAMILY_WILD);
  const named = [Buffer.from("localhost"), Buffer.from(display), Buffer.from(COOKIE_NAME)];
  return Buffer.concat([family, ...named.map(text), text(cookie)]);
}

const pixelsStart = (dump: Buffer): number =>
  dump.readUInt32BE(HEADER_SIZE_OFFSET) + dump.readUInt32BE(COLOURS_OFFSET) * COLOUR_BYTES;

async function firstLine(fd: unknown): Promise<string> {
  if (typeof fd !== "number") return "";
  let text = "";
  for await (const chunk of Bun.file(fd).stream()) {
    text += new TextDecoder().decode(chunk);
    if (text.includes("\n")) break;
  }
  return text.trim();
}
