import { documentOf, type PlainRequest, plainRequests } from "@doubleshot/service-kit/testing";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import type { HostedService } from "../hosted-service.ts";
import type { ServiceDefinition } from "../service-definition.ts";
import { failingReads } from "./failing-reads.ts";
import { fakeAws } from "./fake-aws.ts";
import { useService } from "./use-service.ts";

export interface ProblemMembers {
  /** The parameter, in the path or the query, that holds the id of a request's subject. */
  readonly parameter: string;
  /** The members of a problem that name the subject. */
  readonly of: (id: string) => Readonly<Record<string, string>>;
  /** Operations that answer an unknown subject with a 204, by method and path: to them it is no problem. */
  readonly empty?: readonly string[];
}

const outage = Object.assign(new Error("no answer"), { name: "TimeoutError", $metadata: {} });

/** The suite of a service whose problems name their subject: at every operation that takes the subject's id. */
export function describeProblemMembers<Shape extends z.ZodRawShape>(
  manifest: HostedService,
  definition: ServiceDefinition<Shape>,
  { parameter, of: membersOf, empty = [] }: ProblemMembers,
): void {
  describe(`problems of requests with ${parameter}`, () => {
    const here = useService(manifest, definition, fakeAws);
    const describedBy = (name: string) => (empty.includes(name) ? ["default"] : ["404", "default"]);
    const unknownTo = (name: string, problem: unknown) => (empty.includes(name) ? [name, 204, {}] : problem);

    async function open() {
      const failing: { error?: Error } = {};
      const { url } = await here.start({ CONSUME: "off" }, { clients: failingReads(here.shop.clients, failing) });
      const document = await documentOf(url);
      const requests = plainRequests(document).filter(({ parameters }) => parameters.includes(parameter));
      expect(requests).not.toEqual([]);
      return { url, failing, document, requests };
    }

    test("every problem that the document describes has the members of its subject", async () => {
      const { requests } = await open();
      const names = Object.keys(membersOf(""));
      for (const { name, problems } of requests) {
        expect([name, Object.keys(problems)]).toEqual([name, expect.arrayContaining(describedBy(name))]);
        for (const [status, schema] of Object.entries(problems)) {
          const members = Object.keys(schema.properties ?? {});
          expect([name, status, members]).toEqual([name, status, expect.arrayContaining(names)]);
        }
      }
    });

    test("every problem names its subject, whatever the reason", async () => {
      const { url, failing, requests } = await open();
      for (const request of requests) {
        const answer = (text: string, body = request.body) => send(url, request, { [parameter]: text, body });
        const id = crypto.randomUUID();
        const named = (status: number) => [request.name, status, expect.objectContaining(membersOf(id))];
        const unknown = unknownTo(request.name, named(404));
        expect(await answer(id)).toEqual(unknown);
        expect(await answer(id.toUpperCase())).toEqual(unknown);
        if (request.body !== undefined) {
          expect(await answer(id, "{")).toEqual(named(400));
          expect(await answer(id, JSON.stringify("x".repeat(17 * 1024)))).toEqual(named(413));
        }
        for (const [error, status] of [[outage, 503] as const, [new Error("a bug"), 500] as const]) {
          failing.error = error;
          expect(await answer(id)).toEqual(named(status));
        }
        delete failing.error;
        const [, status, problem] = await answer("latte");
        expect([request.name, status]).toEqual([request.name, expect.toBeOneOf([400, 404])]);
        for (const member of Object.keys(membersOf(""))) expect(problem).not.toHaveProperty(member);
      }
    });
  });
}

/** Sends the request with these parameters; returns its name, the status and the problem. */
async function send(
  url: string,
  request: PlainRequest,
  { body, ...parameters }: Readonly<Record<string, string | undefined>>,
): Promise<[name: string, status: number, problem: object]> {
  const response = await fetch(`${url}${request.pathWith(parameters)}`, {
    method: request.method,
    ...(body === undefined ? {} : { body, headers: { "content-type": "application/json" } }),
  });
  const text = await response.text();
  return [request.name, response.status, Object(JSON.parse(text || "{}"))];
}
