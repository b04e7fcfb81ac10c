import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { closeServer } from "./close-server.ts";
import { OpenRequests } from "./open-requests.ts";

test("a server is closed only after each lost answer has been reported to its handler", async () => {
  const story: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    response.on("close", () => story.push("answer lost"));
    void closeServer(server, { sockets, requests: new OpenRequests(), closeWithinMs: 60_000 }).then(() => {
      story.push("closed");
      closed.resolve();
    });
    request.socket.destroy();
  }).listen(0, "127.0.0.1");
  const closed = Promise.withResolvers<void>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => undefined);
  client.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await closed.promise;
  client.destroy();
  expect(story).toEqual(["answer lost", "closed"]);
});
