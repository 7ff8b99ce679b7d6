import { statSync } from "node:fs";
import { dataFolderPaths } from "../database/data-folder.ts";
import { AppError, errorCodeOf } from "../errors/app-error.ts";
import { ApiClient, networkTransport, type Transport } from "./api-client.ts";
import { networkSocket, type SocketOpener } from "./live-socket.ts";
import type { ConnectionOptions } from "./options.ts";

/** Any name on the allow-list of hosts; the socket is what is dialled. */
const SOCKET_BASE = "http://localhost";

/**
 * Finds the way to Binnacle: `--url` with a token; else the control socket of the data folder; else, where
 * `offline` allows it, the data folder itself, opened by this process as long as the client is not closed.
 *
 * @throws AppError `server_unreachable` when no way is open.
 */
export async function connect(
  options: ConnectionOptions,
  offline: "offline" | "running",
): Promise<ApiClient> {
  if (options.url !== undefined) return connectByUrl(options.url, options.token);
  const { root, controlSocket } = dataFolderPaths(options.data);
  if (await isAnswering(controlSocket)) {
    const way = { unix: controlSocket };
    return networkClient(root, networkTransport(SOCKET_BASE, root, way), networkSocket(SOCKET_BASE, way));
  }
  if (offline === "offline") {
    const { connectOffline } = await import("./offline.ts");
    return connectOffline(options);
  }
  throw new AppError(
    "server_unreachable",
    `No Binnacle runs on the data folder ${root}. Start it with "binnacle serve", or name another with --data or --url.`,
  );
}

/** Runs `work` with a client and closes it in any case. */
export async function withClient<T>(
  options: ConnectionOptions,
  offline: "offline" | "running",
  work: (client: ApiClient) => Promise<T>,
): Promise<T> {
  const client = await connect(options, offline);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

function connectByUrl(url: string, token: string | undefined): ApiClient {
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new AppError(
      "invalid_request",
      `--url needs an address such as http://127.0.0.1:8000, not "${url}".`,
    );
  }
  const { origin } = parsed;
  const openSocket = networkSocket(origin, { token });
  if (token) return networkClient(origin, networkTransport(origin, origin, { token }), openSocket);
  return networkClient(origin, askingForToken(networkTransport(origin, origin, {}), origin), openSocket);
}

const networkClient = (target: string, send: Transport, openSocket: SocketOpener): ApiClient =>
  new ApiClient(target, send, undefined, undefined, openSocket);

/** Whoever comes without a token hears how to bring one. */
const askingForToken =
  (send: Transport, origin: string): Transport =>
  async (path, init) => {
    const response = await send(path, init);
    if (response.status !== UNAUTHENTICATED) return response;
    throw new AppError(
      "unauthenticated",
      `${origin} wants to know who asks: give an API token with --token or BINNACLE_TOKEN.`,
    );
  };

const UNAUTHENTICATED = 401;

/** A socket file is left behind by a crash: only an answer counts. */
async function isAnswering(socket: string): Promise<boolean> {
  try {
    if (!statSync(socket).isSocket()) return false;
  } catch (error) {
    if (errorCodeOf(error) === "ENOENT" || errorCodeOf(error) === "ENOTDIR") return false;
    throw permissionProblem(error, socket);
  }
  const probe = networkTransport(SOCKET_BASE, socket, { unix: socket });
  try {
    await probe("/livez", { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "server_unreachable") return false;
    throw error;
  }
}

const PROBE_TIMEOUT_MS = 5_000;

function permissionProblem(error: unknown, socket: string): unknown {
  if (errorCodeOf(error) !== "EACCES") return error;
  return new AppError(
    "server_unreachable",
    `Only the owner of the data folder may use ${socket}. Use --url and --token instead.`,
    { cause: error },
  );
}
