import type { FeedSocket } from "./reconnecting-socket.ts";

/** Opens a WebSocket to a path of this page's own server, encrypted when the page is. */
export function openSocket(path: string, protocol?: string): FeedSocket {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url, protocol === undefined ? [] : [protocol]);
  const opened: FeedSocket = {
    onopen: null,
    onmessage: null,
    onclose: null,
    send: (text) => socket.send(text),
    close(code, reason) {
      // Browsers warn of a socket that is closed while it opens; whoever lets go of it need not hear of that.
      if (socket.readyState !== WebSocket.CONNECTING) socket.close(code, reason);
      else socket.addEventListener("open", () => socket.close(code, reason));
    },
  };
  socket.addEventListener("open", () => opened.onopen?.());
  socket.addEventListener("message", (event) => opened.onmessage?.({ data: event.data }));
  socket.addEventListener("close", (event) => opened.onclose?.({ code: event.code }));
  return opened;
}
