import type { Family, InsideAttack } from "../attack.ts";
import { CHANNEL, sys } from "../plugin/kit.ts";
import { askRaw, askText, frameOf, nextRequest, writeRaw } from "../plugin/raw-channel.ts";

const TIMES = 64;
const DEPTH = 2_000;
const SHUT_RDWR = 2;
const TEN_MEBIBYTES = 10 * 1_024 * 1_024;
const MANY = 100_000;
const MANY_AT_ONCE = 2_000;
const CALLS = 20;
const FEW = 6;
const NO_ANSWER = "The plugin … failed: The answer is not JSON as it may be sent.";
const SERIES_A_CALL = 100;

type Attempt = InsideAttack["attempt"];

/** Honest words over the same descriptor, by the same code. */
const honest = (): unknown => askRaw("state.get", { key: "a" });

/** What breaks the contract of the channel ends the process. */
const breaks = (name: string, send: () => void): InsideAttack => ({
  name,
  deniedBy: "channel",
  answers: ["process ended"],
  seen: "crash",
  control: "modest",
  isDestructive: true,
  attempt: ({ isModest }) => (isModest ? honest() : untilEnded(send)),
});

/** Sends, then waits for what comes of it. */
async function untilEnded(send: () => void): Promise<void> {
  send();
  await new Promise(() => undefined);
}

const repeated = (frame: Uint8Array) => (): void => {
  for (let index = 0; index < TIMES; index++) writeRaw(frame);
};

const refused = (name: string, answers: readonly string[], seen: InsideAttack["seen"], attempt: Attempt) =>
  ({
    name,
    deniedBy: seen === "denial" ? "broker" : "channel",
    answers,
    seen,
    control: "modest",
    // What goes past the host may leave it behind what the server has counted: each attack has its own.
    isDestructive: true,
    attempt: (targets, ctx) => (targets.isModest ? honest() : attempt(targets, ctx)),
  }) satisfies InsideAttack;

/** Frames written straight to the descriptor, past the host program. */
export const channel: Family = {
  title: "The channel",
  attacks: [
    breaks("write garbage", () => writeRaw(crypto.getRandomValues(new Uint8Array(4_096)).fill(0xff, 0, 4))),
    breaks("claim a frame of 4 GiB", () => writeRaw(frameOf("request", 1, "x", 0xffff_ffff))),
    breaks("send a frame of 10 MiB", () => writeRaw(frameOf("request", 1, new Uint8Array(TEN_MEBIBYTES)))),
    breaks("send frames of unknown kinds", repeated(frameOf(200, 1, ""))),
    breaks(
      "ask under a number that is not its turn",
      repeated(frameOf("request", 0x6000_0000, '["state.get",{"key":"a"}]')),
    ),
    breaks("ask more at once than it may", () => {
      const text = '["state.get",{"key":"a"}]';
      writeRaw(
        Buffer.concat(Array.from({ length: MANY_AT_ONCE }, () => frameOf("request", nextRequest(), text))),
      );
    }),
    breaks("answer calls that nobody made", repeated(frameOf("response", 0x6000_0000, '"forged"'))),
    breaks("write to streams that nobody opened", repeated(frameOf("data", 9_999, new Uint8Array(64)))),
    breaks("open streams without end", () => {
      for (let stream = 1; stream < MANY_AT_ONCE; stream += 2) writeRaw(frameOf("open", stream, ""));
    }),
    breaks("open streams under the server's numbers", repeated(frameOf("open", 2, ""))),
    breaks(
      "send JSON of 2,000 levels",
      repeated(frameOf("notify", 0, `["log",${"[".repeat(DEPTH)}${"]".repeat(DEPTH)}]`)),
    ),
    breaks("send messages that mean nothing", repeated(frameOf("notify", 0, '["__proto__",{}]'))),
    breaks("close the channel", () => sys("shutdown", CHANNEL, SHUT_RDWR)),
    {
      ...breaks("ask without end and read no answer", () => undefined),
      deniedBy: ["channel", "watchdog"],
      answers: ["process ended", "plugin_timeout"],
      timeoutMs: 3_000,
      attempt: ({ isModest }) => (isModest ? honest() : askWithoutReading()),
    },
    refused(
      "ask for another plugin's secret, under its id",
      ["permission_denied", "invalid_request"],
      "failed call",
      ({ otherSecret }) => askRaw("secrets.get", { name: otherSecret, pluginId: "neighbour" }),
    ),
    refused("ask for another plugin's secret", ["permission_denied"], "denial", ({ otherSecret }) =>
      askRaw("secrets.get", { name: otherSecret }),
    ),
    refused("ask for another plugin's state", ["invalid_request", "validation_failed"], "failed call", () =>
      askRaw("state.get", { key: "a", pluginId: "neighbour" }),
    ),
    refused("ask for a method of the prototype", ["invalid_request"], "failed call", () =>
      askRaw("__proto__", null),
    ),
    refused("ask for a method that only the server has", ["invalid_request"], "failed call", () =>
      askRaw("invoke", { verb: "execute", input: null, correlationId: "x", caller: "ann" }),
    ),
    {
      ...refused("invent series of metrics without end", ["cardinality_limit"], "failed call", () => {
        for (let call = 0; call < CALLS; call++) {
          const names = Array.from(
            { length: SERIES_A_CALL },
            (_, at) => `invented_${call * SERIES_A_CALL + at}`,
          );
          askRaw(
            "metrics.record",
            names.map((name) => ({ name, value: 1 })),
          );
        }
      }),
      deniedBy: "broker",
    },
    {
      ...refused("forge a line of metrics by a label", ["validation_failed"], "failed call", () =>
        askRaw("metrics.record", [{ name: "forged", value: 1, labels: { 'a="b"} 1\nserver_up': "x" } }]),
      ),
      deniedBy: "broker",
    },
    refused("answer with keys of the prototype", [NO_ANSWER], "failed call", () => {
      // Which number this call has, only the host knows: one of these.
      for (let id = 1; id <= FEW; id++) writeRaw(frameOf("response", id, '{"__proto__":{"isAdmin":true}}'));
      return new Promise(() => undefined);
    }),
    refused("send keys of the prototype", ["invalid_request", "validation_failed"], "failed call", () => {
      askText('["state.get",{"__proto__":{"key":"a"}}]');
    }),
  ],
};

function askWithoutReading(): void {
  const frame = frameOf("request", 1, '["config.get",null]');
  for (let index = 0; index < MANY; index++) {
    new DataView(frame.buffer).setUint32(5, nextRequest(), true);
    writeRaw(frame);
  }
  for (;;);
}
