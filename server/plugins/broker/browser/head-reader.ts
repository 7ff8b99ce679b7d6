import type { Socket } from "node:net";
import { AppError } from "../../../errors/app-error.ts";
import { END_OF_HEAD, MAX_HEAD_BYTES } from "./proxy-head.ts";

/**
 * Reads up to the empty line; what comes after it goes back into the socket. It reads by `readable`: a `data` listener
 * would leave the socket flowing, and the next reader would miss the first bytes.
 * @throws AppError `invalid_request` when it is too long, or the other side ends first
 */
export function readHead(socket: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let received: Buffer = Buffer.alloc(0);
  const lose = (): void => reject(new AppError("invalid_request", "The head of the message is not whole."));
  const read = (): void => {
    for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) {
      received = Buffer.concat([received, chunk]);
    }
    const end = received.indexOf(END_OF_HEAD);
    if (end >= 0) {
      socket.off("readable", read);
      const rest = received.subarray(end + END_OF_HEAD.length);
      if (rest.length > 0) socket.unshift(rest);
      resolve(received.toString("latin1", 0, end));
    } else if (received.length > MAX_HEAD_BYTES) lose();
  };
  socket.on("readable", read);
  socket.once("end", lose);
  socket.once("close", lose);
  return promise.finally(() => {
    socket.off("readable", read);
    socket.off("end", lose);
    socket.off("close", lose);
  });
}
