import type { Api } from "@doubleshot/service-kit";
import type { Request, Response } from "express";
import { z } from "zod";
import type { ServiceProxy, Upstream } from "../proxy/service-proxy.ts";
import { engineersOnly } from "./engineers-only.ts";

const state = z.looseObject({}).describe("The faults, the processes and the rush as they are after the request.");
const answers = { 200: { description: "Done.", schema: state } };
const problems = {
  403: "A page of another origin has sent this, or the name of the host is not this machine's.",
  409: "The fault is impossible now: the detail says why.",
  503: "The shop's supervisor is unreachable, or the embedded AWS is starting.",
};

const readFaults = {
  id: "readFaults",
  method: "get",
  path: "/faults",
  summary: "The faults of this shop on a developer's machine",
  access: engineersOnly,
  answers,
  problems,
} as const;

const causeFault = {
  id: "causeFault",
  method: "post",
  path: "/faults/{what}",
  summary: "Break something",
  access: engineersOnly,
  description: `With a JSON body, by \`what\`:

- \`deliveries\` \`{"on": "message" | "hint", "fault": "duplicate" | "delay" | "drop", "delay_seconds": 3}\`: the next delivery of that kind
- \`relays\` \`{"action": "stop" | "start" | "kill"}\`
- \`processes\` \`{"name": "orders"}\`: kill -9; the supervisor starts it again
- \`dynamodb\` \`{"stall_seconds": 5}\`: DynamoDB answers nothing for so long
- \`rush\` \`{"orders": 100, "baristas": 10}\`: a rush hour`,
  params: z.object({ what: z.string().max(40) }),
  answers,
  problems: { ...problems, 400: "A value is wrong: the detail names it.", 404: "There is no such fault." },
} as const;

const stopRush = {
  id: "stopRush",
  method: "post",
  path: "/faults/rush/stop",
  summary: "End the rush hour, with its report",
  access: engineersOnly,
  description: "With the JSON body `{}`.",
  answers,
  problems,
} as const;

/** Passes requests on to the fault API of `npm start`, which checks them. */
export function addFaultRoutes(api: Api, proxy: ServiceProxy, faults: Upstream): void {
  const forward = ({ request }: { readonly request: Request }, response: Response) =>
    proxy.forward(faults, request, response);
  api.handle(readFaults, forward);
  api.handle(causeFault, forward);
  api.handle(stopRush, forward);
}
