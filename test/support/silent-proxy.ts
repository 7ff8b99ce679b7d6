import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/**
 * A network between browser and server that can go silent: what is sent into it then arrives nowhere and nobody is told, as
 * after a laptop's sleep or behind a firewall that forgot the connection. What was connected by then does not come back.
 */
export class SilentProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isSilent = false;

  private constructor(targetPort: number) {
    this.#server = createServer((client) => {
      this.#keep(client);
      if (this.#isSilent) return;
      const target = connect(targetPort, "127.0.0.1");
      this.#keep(target);
      client.pipe(target).pipe(client);
    });
  }

  /** @param target the server's address, `http://127.0.0.1:<port>` */
  static async before(target: string): Promise<SilentProxy> {
    const proxy = new SilentProxy(Number(new URL(target).port));
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get address(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** From now on nothing passes, neither on connections that stand nor on new ones. */
  goSilent(): void {
    this.#isSilent = true;
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  /** New connections pass again; the far end knows nothing of those that went silent, and says so. */
  heal(): void {
    this.#isSilent = false;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    // A connection that breaks is what is played here.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
  }
}
