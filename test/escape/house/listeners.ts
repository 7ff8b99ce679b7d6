import { chmodSync } from "node:fs";

/** Sockets that stand open beside the server, and what reached them. */
export interface Listeners extends Disposable {
  port: number;
  port6: number;
  udpPort: number;
  grantedPort: number;
  redirectPort: number;
  /** Connections and datagrams that reached what nobody was granted. */
  reached(): number;
}

/** Opens them all; `socket` and `abstractName` are Unix sockets. */
export async function openListeners(socket: string, abstractName: string): Promise<Listeners> {
  let reached = 0;
  const count = { open: () => void reached++, data() {} };
  const web = (fetch: () => Response) => Bun.serve({ hostname: "127.0.0.1", port: 0, fetch });
  const forbidden = web(() => {
    reached++;
    return new Response("hello");
  });
  const granted = web(() => new Response("granted"));
  const redirect = web(() => Response.redirect(`http://127.0.0.1:${forbidden.port}/`, 302));
  const six = Bun.listen({ hostname: "::1", port: 0, socket: count });
  const unix = Bun.listen({ unix: socket, socket: count });
  const abstract = Bun.listen({ unix: `\0${abstractName}`, socket: count });
  const udp = await Bun.udpSocket({ hostname: "127.0.0.1", socket: { data: () => void reached++ } });
  chmodSync(socket, 0o777);
  return {
    port: forbidden.port ?? 0,
    port6: six.port,
    udpPort: udp.port,
    grantedPort: granted.port ?? 0,
    redirectPort: redirect.port ?? 0,
    reached: () => reached,
    [Symbol.dispose]() {
      for (const server of [forbidden, granted, redirect]) void server.stop(true);
      for (const listener of [six, unix, abstract]) listener.stop(true);
      udp.close();
    },
  };
}
