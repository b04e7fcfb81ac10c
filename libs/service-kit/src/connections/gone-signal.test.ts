import { once } from "node:events";
import type { Response } from "express";
import { expect, onTestFinished, test } from "vitest";
import { openApp } from "../app.fixture.ts";
import { goneSignal } from "./gone-signal.ts";

/** The signal of a request, asked for when the handler says so. */
async function signalOf(ask: (response: Response) => Promise<AbortSignal>, { leaves }: { leaves: boolean }) {
  const arrived = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<AbortSignal>();
  const app = await openApp((app) => {
    app.get("/", async (_request, response) => {
      arrived.resolve();
      asked.resolve(await ask(response));
      response.end();
    });
  });
  onTestFinished(() => app[Symbol.asyncDispose]());
  const caller = new AbortController();
  const answer = fetch(app.url, { signal: caller.signal }).catch(() => undefined);
  await arrived.promise;
  if (leaves) caller.abort();
  await answer;
  return asked.promise;
}

test("fires for a caller who leaves before the answer is out", async () => {
  const leaving = async (response: Response) => {
    const signal = goneSignal(response);
    await once(signal, "abort");
    return signal;
  };
  expect((await signalOf(leaving, { leaves: true })).aborted).toBe(true);
});

test("has fired for a caller who left before anybody asked", async () => {
  const late = async (response: Response) => {
    await once(response, "close");
    return goneSignal(response);
  };
  expect((await signalOf(late, { leaves: true })).aborted).toBe(true);
});

test("does not fire for a caller who was answered", async () => {
  let closed: Promise<unknown> = Promise.resolve();
  const staying = async (response: Response) => {
    const signal = goneSignal(response);
    closed = once(response, "close");
    return signal;
  };
  const signal = await signalOf(staying, { leaves: false });
  await closed;
  expect(signal.aborted).toBe(false);
});
