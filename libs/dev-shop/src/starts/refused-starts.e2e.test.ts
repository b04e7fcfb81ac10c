import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { useStarts } from "./start.fixture.ts";

const { place, start } = useStarts();

test("a taken port is one sentence and exit code 1", async () => {
  const { barista } = place.ports;
  const server = createServer().listen(barista, "127.0.0.1");
  onTestFinished(() => void server.close());
  const shop = start();
  expect(await shop.ended).toEqual([1, null]);
  expect(shop.output().trim()).toBe(
    `Port ${barista} (barista) is taken: stop the program that listens there, or choose another port with BARISTA_PORT.`,
  );
});

test("a data folder that cannot be is one sentence and exit code 1", async () => {
  const shop = start({ args: ["--data", "/dev/null/here"] });
  expect(await shop.ended).toEqual([1, null]);
  expect(shop.output().trim()).toBe(
    "The folder /dev/null/here/logs cannot be written (ENOTDIR): choose another with --data.",
  );
});
