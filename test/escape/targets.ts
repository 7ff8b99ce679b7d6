/** What attacks aim at: made by the test and open to everybody, so that only the sandbox can say no. */
export interface Targets {
  /** The server's process. */
  serverPid: number;
  /** Another plugin's process. */
  siblingPid: number;
  /** A folder that everybody may write. */
  folder: string;
  /** World-readable and world-writable. */
  file: string;
  json: string;
  /** C code with a function `answer`. */
  source: string;
  /** A symbolic link to `file`. */
  link: string;
  /** A shared library that works. */
  library: string;
  fifo: string;
  /** A Unix socket that listens, as docker.sock does. */
  socket: string;
  /** The name of an abstract socket that listens. */
  abstractName: string;
  /** TCP on 127.0.0.1, and on ::1. */
  port: number;
  port6: number;
  udpPort: number;
  /** An HTTP server that the attacking plugin was granted, and one that redirects to `port`. */
  grantedPort: number;
  redirectPort: number;
  /** A folder that the attacking plugin was granted; it holds `inside`, and links out of it. */
  granted: string;
  /** A folder that the attacking plugin may write; root's is a file system with room for few files. */
  small: string;
  /** A page of one colour, which no server shows. */
  picture: string;
  /** A file that may be written. */
  writable: string;
  /** A file that only the user of the plugin's process may read, as if a plugin before it had left it. */
  leftFile: string;
  /** The plugin's own folder. */
  ownFolder: string;
  /** Another plugin's folder. */
  otherFolder: string;
  /** A file of the data folder. */
  stateFile: string;
  /** The server's executable. */
  executable: string;
  /** A system call that no process makes twice: the System V key of this run. */
  key: number;
  /** Names of a secret: granted to the plugin, and to another one only. */
  ownSecret: string;
  otherSecret: string;
  /** The attempt is to stay within the limits. */
  isModest: boolean;
}
