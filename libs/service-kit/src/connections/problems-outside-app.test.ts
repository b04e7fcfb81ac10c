import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ProblemError } from "../problems/index.ts";
import { createLogger } from "../process/index.ts";
import { ProblemsOutsideApp } from "./problems-outside-app.ts";

/** A server that refuses every request, and the lines that it has logged. */
async function openRefusing(problem: ProblemError, level: "debug" | "info") {
  const lines: unknown[] = [];
  const log = createLogger("test", level, { write: (line) => void lines.push(JSON.parse(line)) });
  const problems = new ProblemsOutsideApp(log);
  const server = createServer((_request, response) => problems.answer(response, problem));
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, lines };
}

test.each([
  [400, "info"],
  [503, "debug"],
] as const)(
  "a request refused with %d is one line of the log, at level %s, under the id of its answer",
  async (status, level) => {
    const { url, lines } = await openRefusing(new ProblemError(status, "Send it to another instance."), "debug");
    const response = await fetch(`${url}/order?name=Ada`, { method: "POST" });
    expect(response.status).toBe(status);
    expect(lines).toEqual([
      expect.objectContaining({
        level,
        msg: "request refused: Send it to another instance.",
        requestId: response.headers.get("x-request-id"),
        req: { method: "POST", path: "/order", address: "127.0.0.1" },
        res: { status },
      }),
    ]);
  },
);

test("refusals of a full service are not logged at level info: they come by the thousand", async () => {
  const { url, lines } = await openRefusing(new ProblemError(503, "Send it to another instance."), "info");
  await fetch(url);
  expect(lines).toEqual([]);
});
