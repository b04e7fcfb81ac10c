import { createServer } from "dynamodb-admin";

// dynamodb-admin as a process of the shop: told its port, saying when it listens, gone with its supervisor.
process.once("disconnect", () => process.exit(0));
const host = "127.0.0.1";
const port = Number(process.env.PORT ?? 8001);
const app = createServer({ dynamoEndpoint: process.env.AWS_ENDPOINT_URL_DYNAMODB ?? "" });
app.listen(port, host, () => {
  process.stdout.write(`${JSON.stringify({ msg: "listening", url: `http://${host}:${port}` })}\n`);
});
