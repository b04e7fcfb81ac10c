import { readFileSync } from "node:fs";
import { coffeeShop, issuerOf, jwksPath } from "@doubleshot/shop";
import { expect, test } from "vitest";
import { parse } from "yaml";

/** The part of a compose file that these tests read. */
interface Composed {
  /** Left out for an image that is not the shop's. */
  readonly build?: { readonly dockerfile: string; readonly target: string; readonly args: readonly string[] };
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly networks: readonly string[];
  readonly ports?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly restart: string;
  readonly volumes?: readonly string[];
}

interface ComposeFile {
  readonly services: Readonly<Record<string, Composed>>;
  readonly networks: Readonly<Record<string, { readonly name?: string; readonly internal?: boolean }>>;
}

const text = readFileSync(new URL("../../docker-compose.yml", import.meta.url), "utf8");
const file: ComposeFile = parse(text, { merge: true });
const built = Object.entries(file.services).flatMap(([name, { build }]) => (build ? [{ name, build }] : []));
const programs = Object.entries(file.services).filter(([, { build }]) => build?.target === "service");
const services = programs.filter(([name]) => name !== "dynamodb-admin");
const part = (name: string): Composed => {
  const found = file.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no ${name}.`);
  return found;
};
const manifests = Object.values(coffeeShop.services);
const variablesOfTracing = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_EXPORTER", "OTEL_TRACES_SAMPLER"];

test("the containers are the services of the manifests", () => {
  expect(services.map(([name]) => name).sort()).toEqual(Object.keys(coffeeShop.services).sort());
});

test("each Node program is built as the service of its name", () => {
  for (const [name, { build }] of programs) expect(build?.args).toContain(`SERVICE=${name}`);
});

test("the proxy publishes the ports of the manifests, and starts after the services", () => {
  const { ports, depends_on } = part("proxy");
  const ofManifests = manifests.map(({ port }) => `\${BIND:-127.0.0.1}:${port}:${port}`);
  expect(ports?.toSorted()).toEqual(ofManifests.toSorted());
  expect(depends_on).toEqual(Object.fromEntries(manifests.map(({ name }) => [name, { condition: "service_healthy" }])));
});

test("a Node program starts when the shop is provisioned", () => {
  for (const [, { depends_on }] of programs) expect(depends_on).toEqual({ endpoint: { condition: "service_healthy" } });
});

test("the services are in the inner network alone", () => {
  for (const [, { networks, ports }] of services) expect({ networks, ports }).toEqual({ networks: ["shop"] });
  expect(file.networks.shop?.internal).toBe(true);
});

test("every container but the endpoint has a read-only root and no capabilities, and each comes back after a crash", () => {
  for (const [name, { read_only, cap_drop, restart }] of Object.entries(file.services)) {
    expect([name, restart]).toEqual([name, "unless-stopped"]);
    if (name === "endpoint") continue;
    expect([name, read_only, cap_drop]).toEqual([name, true, ["ALL"]]);
  }
});

test("ports are published to this machine alone by default", () => {
  const published = Object.values(file.services).flatMap(({ ports = [] }) => ports);
  expect(published.length).toBeGreaterThan(3);
  for (const port of published) expect(port).toMatch(/^(127\.0\.0\.1|\$\{BIND:-127\.0\.0\.1\}):/);
});

test("the services take the tokens of the service that issues them", () => {
  const { name, port } = issuerOf(coffeeShop) ?? {};
  const url = `http://${name}:${port}${jwksPath}`;
  for (const [, { environment }] of services) expect(environment?.AUTH_JWKS_URL).toBe(`\${AUTH_JWKS_URL:-${url}}`);
});

test("services, and the endpoint for its relays, take the OTEL_ variables of the shell, and have none by default", () => {
  for (const environment of [part("endpoint").environment, ...services.map(([, each]) => each.environment)]) {
    const variables = Object.entries(environment ?? {}).filter(([name]) => name.startsWith("OTEL_"));
    expect(variables.map(([name]) => name)).toEqual(expect.arrayContaining(variablesOfTracing));
    expect(variables.map(([, value]) => value)).toEqual(variables.map(() => null));
  }
});

test("LocalStack's functions are in the network of the endpoint", () => {
  expect(part("endpoint").environment?.LAMBDA_DOCKER_NETWORK).toBe(file.networks.shop?.name);
});

test("every image is built from the one Dockerfile, whose targets they name", () => {
  const dockerfile = readFileSync(new URL("../Dockerfile", import.meta.url), "utf8");
  for (const { build } of built) {
    expect(build.dockerfile).toBe("containers/Dockerfile");
    expect(dockerfile).toMatch(new RegExp(`^FROM .* AS ${build.target}$`, "m"));
    for (const arg of build.args) expect(dockerfile).toMatch(new RegExp(`^ARG ${arg.split("=", 1)[0]}\\b`, "m"));
  }
});
