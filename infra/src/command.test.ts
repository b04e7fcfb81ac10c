import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { coffeeShop } from "@doubleshot/shop";
import { expect, onTestFinished, test } from "vitest";

// The command as npm runs it, without AWS, Docker and network.

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [at("main.ts"), ...args], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  return { status, stdout, stderr };
}

const synth = (args: readonly string[], env?: NodeJS.ProcessEnv) => run(["synth", ...args], env);

test("npm run synth makes the templates of stage test, and says where they are", () => {
  const { status, stdout, stderr } = synth([]);
  const templates = ["data", "services"].map((name) => `infra/cdk.out/doubleshot-test-${name}.template.json`);
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${templates.join("\n")}\n`, stderr: "" });
  for (const template of templates) {
    expect(JSON.parse(readFileSync(at(`../../${template}`), "utf8"))).toHaveProperty("Resources");
  }
  const assets = JSON.parse(readFileSync(at("../cdk.out/doubleshot-test-services.assets.json"), "utf8"));
  const images: { source: { dockerFile: string; dockerBuildArgs: object } }[] = Object.values(assets.dockerImages);
  expect(images.map(({ source }) => source.dockerBuildArgs)).toEqual(
    expect.arrayContaining(Object.keys(coffeeShop.services).map((SERVICE) => ({ SERVICE }))),
  );
  expect(images.map(({ source }) => source.dockerFile)).toEqual(images.map(() => "containers/Dockerfile"));
});

test.each([
  ["-c stage=prod", 'There is no stage "prod": give -c stage=test, staging or production.'],
  [
    "-c stage=production",
    "Stage production needs -c certificate=..., such as arn:aws:acm:eu-central-1:123456789012:certificate/0b1c.",
  ],
  [
    "-c stag=test",
    'There is no setting "stag=test": give -c name=value, with stage, certificate, domain, images, alarmEmail, collector or traceRatio.',
  ],
  ["--stage test", "Unknown option '--stage': give -c name=value, as in -c stage=test."],
  ["test", "Unexpected argument 'test': give -c name=value, as in -c stage=test."],
  ["-c", "Option '-c, --context <value>' argument missing: give -c name=value, as in -c stage=test."],
])("npm run synth -- %s ends with one sentence", (args, sentence) => {
  expect(synth(args.split(" "))).toEqual({ status: 1, stdout: "", stderr: `${sentence}\n` });
});

test("npm run synth -c, which npm takes for itself, ends with one sentence", () => {
  expect(synth([], { npm_config_call: "stage=test" })).toEqual({
    status: 1,
    stdout: "",
    stderr: "npm keeps -c to itself: put -- in front, as in npm run synth -- -c stage=test.\n",
  });
});

test("npm run deploy without Docker ends with one sentence, before it makes anything", () => {
  expect(run(["deploy"], { PATH: "/nowhere" })).toEqual({
    status: 1,
    stdout: "",
    stderr:
      "Docker, which builds the images, does not answer: start it, or give -c images=<tag> of images that ECR has.\n",
  });
});

test("npm run deploy without an account ends with one sentence after the CDK's own", () => {
  // A home without a profile, and no instance to ask for credentials: the test never deploys.
  const HOME = mkdtempSync(join(tmpdir(), "doubleshot-home-"));
  onTestFinished(() => rmSync(HOME, { recursive: true }));
  const { status, stderr } = run(["deploy", "-c", "images=1"], { HOME, AWS_EC2_METADATA_DISABLED: "true" });
  expect(status).toBe(1);
  expect(stderr).toContain("Unable to resolve AWS account");
  expect(stderr).not.toContain("WARNING");
  expect(stderr).toMatch(/\nThe deployment has stopped, [^\n]+ and run the same command again\.\n$/);
});

/** Fails each write of a template, as a full disk does. */
const fullDisk = `
import fs from "node:fs";
fs.writeFileSync = (path) => {
  throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" });
};
`;

test("npm run synth on a full disk ends with one sentence", () => {
  const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(fullDisk)}`;
  expect(synth([], { NODE_OPTIONS })).toEqual({
    status: 1,
    stdout: "",
    stderr: expect.stringMatching(
      /^The file system refuses write [^\n]*\(ENOSPC\): free some space, and run the command again\.\n$/,
    ),
  });
});
