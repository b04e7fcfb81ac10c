import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const starting = `
  const { startMinistack } = await import(${JSON.stringify(new URL("./ministack.ts", import.meta.url).href)});
  console.log((await startMinistack(${JSON.stringify(root)})).env.AWS_ENDPOINT_URL);`;

const answers = (url: string) =>
  fetch(url).then(
    () => true,
    () => false,
  );

if (process.env.MINISTACK) {
  test("ministack ends with the process that started it, also when that is killed", async () => {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", starting], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [url] = await once(createInterface(child.stdout), "line");
    expect(await answers(url)).toBe(true);
    child.kill("SIGKILL");
    await expect.poll(() => answers(url)).toBe(false);
  });
}
