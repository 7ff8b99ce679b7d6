import type { LiveSocket } from "./live.ts";

/** Opens a WebSocket to a path of this page's own server, encrypted when the page is. */
export function openSocket(path: string): LiveSocket {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url);
  const opened: LiveSocket = {
    onmessage: null,
    onclose: null,
    close: (code, reason) => socket.close(code, reason),
  };
  socket.addEventListener("message", (event) => opened.onmessage?.({ data: event.data }));
  socket.addEventListener("close", (event) => opened.onclose?.({ code: event.code }));
  return opened;
}
