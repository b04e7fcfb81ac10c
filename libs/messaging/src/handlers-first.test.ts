import { createAwsClients } from "@doubleshot/topology";
import { expect, onTestFinished, test, vi } from "vitest";
import { on, poll, subscriber } from "./index.ts";
import { Noted, noting, openNotebook, outboxOn } from "./notebook.fixture.ts";

test("a handler's first call is sent before the next receive is", async () => {
  const { aws, outbox, queueUrl } = await openNotebook();
  onTestFinished(() => aws.close());
  const { documents, longPolls, destroy } = createAwsClients({ endpoints: aws.endpoints });
  onTestFinished(destroy);
  const sent: string[] = [];
  for (const { requestHandler } of [documents.config, longPolls.config]) {
    const { handle } = requestHandler;
    vi.spyOn(requestHandler, "handle").mockImplementation((request, options) => {
      sent.push(request.headers["x-amz-target"].split(".")[1]);
      return handle.call(requestHandler, request, options);
    });
  }
  const stop = new AbortController();
  const readers = subscriber("readers", outboxOn(documents), [on(Noted, (message) => message.commit({}))]);
  const polling = poll(readers, { client: longPolls, queueUrl, signal: stop.signal });
  await outbox.commit(noting("one", "text", 0));
  await expect.poll(() => sent.length).toBeGreaterThanOrEqual(3);
  stop.abort();
  await polling;
  expect(sent.slice(0, 3)).toEqual(["ReceiveMessage", "TransactWriteItems", "ReceiveMessage"]);
});
