import { createServer, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";

// The program of the container that collects spans: it takes OTLP in JSON, and writes `<process>: <name>` for each span.

/** The part of an export that has these names. */
interface Export {
  readonly resourceSpans?: readonly {
    readonly resource: {
      readonly attributes: readonly { readonly key: string; readonly value: { stringValue?: string } }[];
    };
    readonly scopeSpans: readonly { readonly spans: readonly { readonly name: string }[] }[];
  }[];
}

const collector = createServer(async (request, response) => {
  await writeSpans(request);
  response.setHeader("content-type", "application/json").end("{}");
});
collector.listen(4318);
process.on("SIGTERM", () => {
  collector.close();
  collector.closeAllConnections();
});

async function writeSpans(request: IncomingMessage): Promise<void> {
  const { resourceSpans = [] } = (await json(request)) as Export;
  for (const { resource, scopeSpans } of resourceSpans) {
    const service = resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue;
    for (const { name } of scopeSpans.flatMap(({ spans }) => spans)) process.stdout.write(`${service}: ${name}\n`);
  }
}
