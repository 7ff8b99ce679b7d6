import type { ServerWebSocket } from "bun";

/** The raw limit: a bare Bun.serve that sends one text to all its sockets. Arguments: how, and the text's size. */
const [, , mode = "send", sizeBytes = "1000"] = process.argv;
const TOPIC = "all";
const SETTLE_MS = 1_000;
const compress = mode.endsWith("deflated");
const sockets = new Set<ServerWebSocket<undefined>>();
const text = frameOf(Number(sizeBytes));

const server = Bun.serve<undefined>({
  port: 0,
  hostname: "127.0.0.1",
  fetch: (request, carrier) => (carrier.upgrade(request) ? undefined : new Response("no", { status: 400 })),
  websocket: {
    perMessageDeflate: compress,
    open(socket) {
      sockets.add(socket);
      socket.subscribe(TOPIC);
    },
    message() {},
    close: (socket) => {
      sockets.delete(socket);
    },
  },
});

process.on("message", async () => {
  const before = process.cpuUsage();
  if (mode.startsWith("publish")) server.publish(TOPIC, text, compress);
  else for (const socket of sockets) socket.sendText(text, compress);
  await Bun.sleep(SETTLE_MS); // a publish is carried out after the event loop's turn
  const { user, system } = process.cpuUsage(before);
  console.log((user + system) / 1_000);
});
console.log(server.port);

/** A text like a delta: as compressible. */
function frameOf(size: number): string {
  let values = "";
  for (let id = 1; values.length < size - 80; id += 1) values += `"${id}":${((id * 7_919) % 100_000) / 100},`;
  return `{"type":"delta","seq":1893456000123,"at":1893456000000,"values":{${values.slice(0, -1)}}}`;
}
