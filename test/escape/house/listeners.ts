import { chmodSync } from "node:fs";
import { IS_ROOT } from "./identity.ts";
import { NAMES, STEADY_ADDRESS } from "./names.ts";
import { PICTURE, PICTURE_PATH } from "./picture.ts";
import { openNameServer } from "./resolver.ts";

const FORBIDDEN_ADDRESS = "127.0.0.1";
const METADATA_ADDRESS = "169.254.169.254";
/** A sink for questions that lead nowhere (RFC 7535); nothing is ever sent there. */
const PUBLIC_ADDRESS = "192.31.196.1";

/** Sockets that stand open beside the server, and what reached them. */
export interface Listeners extends Disposable {
  port: number;
  port6: number;
  udpPort: number;
  grantedPort: number;
  redirectPort: number;
  /** Address of the name server; undefined where nobody may open its port. */
  nameServer: string | undefined;
  /** Connections and datagrams that reached what nobody was granted. */
  reached(): number;
}

/** Opens them all; `socket` and `abstractName` are Unix sockets. */
export async function openListeners(socket: string, abstractName: string): Promise<Listeners> {
  let reached = 0;
  const count = { open: () => void reached++, data() {} };
  const web = (fetch: (request: Request) => Response) => Bun.serve({ hostname: "127.0.0.1", port: 0, fetch });
  const forbidden = Bun.serve({
    hostname: FORBIDDEN_ADDRESS,
    port: 0,
    fetch(request, server) {
      reached++;
      return server.upgrade(request) ? undefined : new Response("hello");
    },
    websocket: { message() {} },
  });
  const granted = web(({ url }) =>
    new URL(url).pathname === PICTURE_PATH
      ? new Response(PICTURE, { headers: { "content-type": "text/html" } })
      : new Response("granted"),
  );
  const named = Bun.serve({
    hostname: STEADY_ADDRESS,
    port: forbidden.port ?? 0,
    fetch: () => new Response("granted"),
  });
  const names = IS_ROOT
    ? await openNameServer({
        [NAMES.steady]: () => [STEADY_ADDRESS],
        [NAMES.rebinding]: (asking) => [asking % 2 === 0 ? METADATA_ADDRESS : FORBIDDEN_ADDRESS],
        [NAMES.machine]: () => [FORBIDDEN_ADDRESS],
        [NAMES.mixed]: () => [PUBLIC_ADDRESS, FORBIDDEN_ADDRESS],
      })
    : undefined;
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
    nameServer: names?.address,
    reached: () => reached,
    [Symbol.dispose]() {
      names?.[Symbol.dispose]();
      for (const server of [forbidden, granted, named, redirect]) void server.stop(true);
      for (const listener of [six, unix, abstract]) listener.stop(true);
      udp.close();
    },
  };
}
