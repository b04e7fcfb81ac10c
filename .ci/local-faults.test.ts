import { expect, test } from "vitest";
import { git, textOf } from "./source-files.ts";

// Faults exist on a developer's machine alone: the supervisor of npm start names their address, and no deployment does.

/** The supervisor sets the variable, the web service reads it, and documents tell of it. */
const mayName = /^(libs\/dev-shop\/src\/|services\/web\/(src\/|README\.md$)|\.ci\/local-faults\.test\.ts$)/;

test("npm start alone names the address of the fault API", () => {
  const naming = git("grep", "--files-with-matches", "--untracked", "FAULTS_URL");
  expect(naming.filter((file) => file.startsWith("libs/dev-shop/src/")).length).toBeGreaterThan(0);
  expect(naming.filter((file) => !mayName.test(file))).toEqual([]);
});

test("a container and a deployment know no such variable under another name", () => {
  const deployed = git("ls-files", "docker-compose.yml", "containers", "infra", "libs/cdk", "lambdas");
  expect(deployed.length).toBeGreaterThan(20);
  expect(deployed.filter((file) => /fault-server|openFaultServer|dev-shop\/src\/faults/.test(textOf(file)))).toEqual(
    [],
  );
});
