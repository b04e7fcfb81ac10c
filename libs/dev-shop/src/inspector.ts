import { createServer } from "node:http";
import { refusalOfPage } from "@doubleshot/topology/web-pages";
import { createServer as createInspector } from "dynamodb-admin";

// dynamodb-admin as a process of the shop, or in a container: it listens on HOST and PORT, prints a line when it does, and
// ends with its supervisor or at a SIGTERM. Its routes take no token, so a page of another origin could delete tables. Like the embedded AWS, it refuses
// requests from such pages.
process.once("disconnect", () => process.exit(0));
// PID 1 of a container has no default action for these.
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(0));
const host = process.env.HOST ?? "127.0.0.1";
const port = Number(process.env.PORT ?? 8001);
const inspect = createInspector({ dynamoEndpoint: process.env.AWS_ENDPOINT_URL_DYNAMODB ?? "" });
const server = createServer((request, response) => {
  const refusal = refusalOfPage(request.method, request.headers);
  if (refusal === undefined) inspect(request, response);
  else response.writeHead(403, { "content-type": "text/plain; charset=utf-8" }).end(`${refusal}\n`);
});
server.listen(port, host, () => {
  process.stdout.write(`${JSON.stringify({ msg: "listening", url: `http://${host}:${port}` })}\n`);
});
