import { fakeAws } from "@doubleshot/service-host/testing";
import { documentOf } from "@doubleshot/service-kit/testing";
import { expect, test } from "vitest";
import { useBarista } from "../barista-service.fixture.ts";
import { serveBar } from "./bar-over-http.fixture.ts";

const service = useBarista(fakeAws);

test("the API of the bar does not change unnoticed", async () => {
  const { url } = await serveBar(service, "document-kept");
  const { paths, components } = await documentOf(url);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { operationId, responses }]) =>
        `${operationId}: ${method} ${path} -> ${Object.keys(responses).join(" ")}`,
    ),
  );
  expect(operations.sort()).toMatchSnapshot();
  expect(components).toMatchSnapshot();
});

/** The parts of a schema that these tests read. */
interface Described {
  readonly anyOf?: readonly Described[];
  readonly const?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Described>>;
}

test("generated clients learn the board's events, and which of them have an id", async () => {
  const { url } = await serveBar(service, "document-events");
  const { paths } = await documentOf(url);
  const answer = paths["/events"]?.get?.responses["200"] as {
    readonly content?: Readonly<Record<string, { readonly schema: Described }>>;
  };
  const events = answer.content?.["text/event-stream"]?.schema.anyOf ?? [];
  const fieldsByEvent = events.map(({ properties = {} }) => [properties.event?.const, Object.keys(properties).sort()]);
  expect(Object.fromEntries(fieldsByEvent)).toMatchObject({
    anew: ["data", "event"],
    ticket: ["data", "event", "id"],
    current: ["data", "event", "id"],
  });
});

test("generated clients learn what a cursor looks like, as the bar enforces it", async () => {
  const { url, get } = await serveBar(service, "document-cursor", { count: 2 });
  const { paths } = await documentOf(url);
  const { parameters = [] } = (paths["/tickets"]?.get ?? {}) as {
    readonly parameters?: readonly { readonly name: string; readonly schema: Described }[];
  };
  const pattern = new RegExp(parameters.find(({ name }) => name === "cursor")?.schema.pattern ?? "none");
  const link = (await get("/tickets?status=QUEUED&limit=1")).headers.get("link") ?? "";
  const [, cursor = ""] = /cursor=([^>&]+)/.exec(link) ?? [];
  expect(cursor).toMatch(pattern);
  expect("a cursor").not.toMatch(pattern);
  expect((await get("/tickets?cursor=a%20cursor")).status).toBe(400);
});
