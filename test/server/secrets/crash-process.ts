import { systemClock } from "../../../server/lib/clock.ts";
import { AS_OWNER } from "../../support/access.ts";
import { SecretHouse } from "./secret-house.ts";

/**
 * A process to be killed: `<folder> <round> <step>`. It stores a secret, rotates the data key and the master key, and so
 * on, and says each secret that is stored and each step of a rotation. With a step, it kills itself at that step.
 */
const [folder = "", round = "", step = ""] = process.argv.slice(2);
const house = await SecretHouse.open(folder, systemClock);

/** Written at once: what was said before the kill was said. */
const say = (line: string): void => {
  const bytes = new TextEncoder().encode(`${line}\n`);
  Bun.write(Bun.stdout, bytes).catch(() => process.exit(1));
};

/** Of one round: as many rounds as there are must stay below the most secrets that are kept. */
const NAMES = 4;

for (let count = 0; ; count++) {
  const name = `R${round}_${count % NAMES}`;
  await house.secrets.set(name, { value: `value ${round} ${count}` }, AS_OWNER);
  say(`${name}=value ${round} ${count}`);
  if (count % 3 === 0) await house.secrets.keys.rotateData(AS_OWNER);
  say("data key rotated");
  await house.secrets.keys.rotateMaster(AS_OWNER, (reached) => {
    if (reached === step) process.kill(process.pid, "SIGKILL");
    say(reached);
  });
}
