import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Front, openFront } from "./front.ts";

/** Answers that a DynamoDB holds back, until the test lets them go. */
let held: ServerResponse[];
let dynamodb: ReturnType<typeof createServer>;
let front: Front;

beforeEach(async () => {
  held = [];
  dynamodb = createServer((_request, response) => void held.push(response)).listen(0, "127.0.0.1");
  await once(dynamodb, "listening");
  front = await openFront(0);
  front.forwardTo(`http://127.0.0.1:${(dynamodb.address() as AddressInfo).port}`);
});
afterEach(async () => {
  await front.close();
  dynamodb.closeAllConnections();
  dynamodb.close();
});

const post = () => fetch(`http://127.0.0.1:${front.port}/`, { method: "POST", body: "{}" });

test("a client that hangs up while its call is under way takes nothing down", async () => {
  const socket = connect(front.port, "127.0.0.1");
  socket.write("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{}");
  await expect.poll(() => held).toHaveLength(1);
  socket.destroy();
  await once(socket, "close");
  const answered = post();
  await expect.poll(() => held).toHaveLength(2);
  for (const response of held) response.end("{}");
  expect((await answered).status).toBe(200);
});

test("a call that dynoxide breaks off breaks off for its client, and the next one is served", async () => {
  const broken = post();
  await expect.poll(() => held).toHaveLength(1);
  held[0]?.destroy();
  await expect(broken).rejects.toThrow();
  const answered = post();
  await expect.poll(() => held).toHaveLength(2);
  held[1]?.end("{}");
  expect(await (await answered).text()).toBe("{}");
});
