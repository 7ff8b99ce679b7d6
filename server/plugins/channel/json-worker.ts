import { constants, setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { decodeJson, JsonError } from "./json.ts";
import type { LookedThrough, LookThrough } from "./large-answers.ts";

/*
 * The thread that looks through large answers of plugins: reading them takes as long as hundreds of requests, and must
 * not take it from those.
 */

// On Linux a priority is that of the thread which sets it: where processors are short, requests go first.
if (process.platform === "linux") setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

parentPort?.on("message", ({ bytes }: LookThrough) => {
  let answer: LookedThrough;
  try {
    decodeJson(bytes);
    answer = { bytes };
  } catch (thrown) {
    answer = { refusal: thrown instanceof JsonError ? thrown.refusal : "bad_json" };
  }
  parentPort?.postMessage(answer, "bytes" in answer ? [answer.bytes.buffer] : []);
});
