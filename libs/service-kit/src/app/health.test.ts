import { expect, onTestFinished, test } from "vitest";
import { openApp } from "../app.fixture.ts";

test("/livez answers whatever happens; /readyz as the service says, and failing to say counts as no", async () => {
  let ready: () => boolean | Promise<boolean> = () => true;
  const app = await openApp(() => {}, { name: "orders", ready: () => ready() });
  onTestFinished(() => app[Symbol.asyncDispose]());
  const readyz = async () => (await fetch(`${app.url}/readyz`)).status;

  expect(await readyz()).toBe(200);
  ready = async () => false;
  expect(await readyz()).toBe(503);
  ready = () => {
    throw new Error("the database is gone");
  };
  const response = await fetch(`${app.url}/readyz`);
  expect([response.status, response.headers.get("content-type")]).toEqual([
    503,
    "application/problem+json; charset=utf-8",
  ]);
  expect(await response.text()).not.toContain("database");
  expect(app.lines).toMatchObject([{ level: "warn", msg: "not ready", err: { message: "the database is gone" } }]);

  const alive = await fetch(`${app.url}/livez`);
  expect([alive.status, await alive.json()]).toEqual([200, { status: "ok", service: "orders" }]);
  expect(alive.headers.get("x-powered-by")).toBeNull();
  expect(app.lines).toHaveLength(1);
});

test("an address from X-Forwarded-For counts only when a proxy is trusted", async () => {
  const addressSeen = async (trustProxy: boolean | number) => {
    const app = await openApp((app) => app.get("/me", (request, response) => void response.json(request.ip)), {
      trustProxy,
    });
    onTestFinished(() => app[Symbol.asyncDispose]());
    return (await fetch(`${app.url}/me`, { headers: { "X-Forwarded-For": "203.0.113.9, 198.51.100.7" } })).json();
  };
  expect(await addressSeen(false)).toBe("127.0.0.1");
  expect(await addressSeen(1)).toBe("198.51.100.7");
});
