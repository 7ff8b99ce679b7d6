import type { SandboxLevel } from "../../../schema/rules/plugins.ts";

export type { SandboxLevel };

/** What a plugin process may use. */
export interface JailLimits {
  /** Above what the host itself needs. */
  memoryBytes: number;
  /** Above what the host itself needs. */
  threads: number;
  /** Descriptors open at a time, above what the host itself needs. */
  openFiles: number;
  /** Of one core, 0–1; only where a cgroup can be made. */
  cpuShare?: number;
}

/** What to start. */
export interface JailRequest {
  pluginId: string;
  limits: JailLimits;
  /** Refuse to start below level `strong`. */
  required: boolean;
  /** Landlock rights newer than this ABI are left unused, to show what level `strong` holds. */
  maxLandlockAbi?: number;
}

/** What a running jail has used. */
export interface JailUsage {
  cpuSeconds: number;
  /** Its own pages and its share of those it has in common with others. */
  pssBytes: number;
  rssBytes: number;
  threads: number;
}

/** How a process ended: by itself, or by a signal. */
export interface JailEnding {
  code: number | undefined;
  signal: string | undefined;
}

/** A running plugin process, seen from the server. Nothing that comes out of it is trusted. */
export interface JailedProcess {
  readonly pid: number;
  readonly level: SandboxLevel;
  /** One stream socket to the child (its fd 3). Both ends non-blocking; writes honour back-pressure. */
  readonly socket: ByteSocket;
  /** Last lines of stderr, bounded (lines and bytes), control characters escaped. */
  stderrTail(): readonly string[];
  readonly exited: Promise<JailEnding>;
  /** Undefined once it has ended. */
  usage(): JailUsage | undefined;
  /** SIGKILL; idempotent. There are no descendants to be ended: the jail cannot fork. */
  kill(): void;
}

/** One end of a stream of bytes. */
export interface ByteSocket {
  /** Called with each piece that arrives; set once, before the first await. */
  onData(listener: (bytes: Uint8Array) => void): void;
  onClose(listener: () => void): void;
  /** False when the kernel's buffer is full: wait for `drained()`. Nothing is lost. Bytes queued are bounded by the caller. */
  write(bytes: Uint8Array): boolean;
  drained(): Promise<void>;
  /** Stops reading: the other end's writes fill up and wait. */
  pause(): void;
  resume(): void;
  close(): void;
}
