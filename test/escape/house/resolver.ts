import { randomInt } from "node:crypto";

const PORT = 53;
const HEAD_BYTES = 12;
const TYPE_A = 1;
const CLASS_IN = 1;
/** Response, recursion available, no error. */
const ANSWERED = 0x8180;
/** A name that was written before, at the begin of the question (RFC 1035 §4.1.4). */
const SAME_NAME = 0xc000 | HEAD_BYTES;
const ADDRESS_BYTES = 4;
const RECORD_BYTES = 12 + ADDRESS_BYTES;

/** What a name answers, asked for the `asking`-th time from 0. */
export type Answers = (asking: number) => readonly string[];

/** A name server of the suite's own, on an address of this machine; no answer may be kept. */
export interface NameServer extends Disposable {
  /** To be written into resolv.conf. */
  address: string;
}

/** Answers for those names; for every other there is no address. Needs root: resolvers ask at port 53. */
export async function openNameServer(names: Readonly<Record<string, Answers>>): Promise<NameServer> {
  const asked = new Map<string, number>();
  const address = `127.${randomInt(2, 250)}.${randomInt(250)}.${randomInt(1, 250)}`;
  const socket = await Bun.udpSocket({
    hostname: address,
    port: PORT,
    socket: {
      data(from, query, port, host) {
        const { name, type, end } = readQuestion(query);
        const isKnown = type === TYPE_A && Object.hasOwn(names, name);
        const asking = asked.get(name) ?? 0;
        if (isKnown) asked.set(name, asking + 1);
        from.send(answerTo(query.subarray(0, end), isKnown ? (names[name]?.(asking) ?? []) : []), port, host);
      },
    },
  });
  return { address, [Symbol.dispose]: () => socket.close() };
}

/** The first question of a message (RFC 1035 §4.1.2), and where it ends. */
function readQuestion(message: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = HEAD_BYTES;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

/** A message that repeats head and question, and gives addresses that may not be kept (a life of 0 seconds). */
function answerTo(question: Buffer, addresses: readonly string[]): Buffer {
  const answer = Buffer.alloc(question.length + addresses.length * RECORD_BYTES);
  question.copy(answer);
  answer.writeUInt16BE(ANSWERED, 2);
  answer.writeUInt16BE(1, 4);
  answer.writeUInt16BE(addresses.length, 6);
  answer.writeUInt32BE(0, 8);
  for (const [index, address] of addresses.entries()) {
    const at = question.length + index * RECORD_BYTES;
    answer.writeUInt16BE(SAME_NAME, at);
    answer.writeUInt16BE(TYPE_A, at + 2);
    answer.writeUInt16BE(CLASS_IN, at + 4);
    answer.writeUInt16BE(ADDRESS_BYTES, at + 10);
    answer.set(address.split(".").map(Number), at + 12);
  }
  return answer;
}
