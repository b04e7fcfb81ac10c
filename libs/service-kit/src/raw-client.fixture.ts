import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { eventually } from "./app.fixture.ts";

/** A client that does exactly what a test says, on a connection of its own: it ends, reads and closes nothing by itself. */
export class RawClient {
  readonly socket: Socket;
  text = "";
  /** Whether the service has ended its side, as a client that reads can see. */
  isClosed = false;

  constructor(port: number, host = "127.0.0.1") {
    this.socket = connect({ port, host, allowHalfOpen: true, autoSelectFamily: false });
    this.socket.on("error", () => {});
    const closed = () => {
      this.isClosed = true;
    };
    this.socket.once("end", closed).once("close", closed);
    onTestFinished(() => void this.socket.destroy());
  }

  /** Sends lines of a head, then the body as it is. */
  send(head: readonly string[], body = ""): this {
    this.socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
    return this;
  }

  reading(): this {
    this.socket.on("data", (chunk) => {
      this.text += chunk.toString("latin1");
    });
    return this;
  }

  /** Resolves with all it got, when the service has ended its side. */
  async ended(): Promise<string> {
    const ended = once(this.socket, "end");
    this.reading();
    await ended;
    return this.text;
  }

  /** Resolves when that has come. */
  async got(part: string): Promise<void> {
    await eventually(() => (this.text.includes(part) ? true : undefined));
  }
}
