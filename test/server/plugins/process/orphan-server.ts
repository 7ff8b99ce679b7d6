import { CALL, startPlugin } from "../../../support/plugin-process.ts";

/* A server that is going to be killed: starts a plugin, has it loop, and says its process id. */
const plugin = await startPlugin("export default { execute() { for (;;); } };");
plugin.invoke("execute", null, CALL).catch(() => undefined);
console.log(plugin.pid);
setInterval(() => undefined, 60_000);
