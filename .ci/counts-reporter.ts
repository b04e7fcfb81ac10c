import type { Reporter, TestModule } from "vitest/node";
import { countsLine, takeCountsFile } from "./counts.ts";

const file = takeCountsFile();

/** Ends every run with one line that a machine can read: `N passed, N failed`. */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    // A module that fails to load has no tests, and an unhandled error belongs to none: both count as failures.
    const broken = modules.filter((module) => module.errors().length > 0).length + errors.length;
    const counts = { passed: count("passed"), failed: count("failed") + broken, skipped: count("skipped") };
    const reasons = new Set(
      tests.map((test) => test.result()).map((result) => ("note" in result ? result.note : undefined)),
    );
    for (const reason of reasons) if (reason !== undefined) process.stdout.write(`Tests were skipped: ${reason}\n`);
    process.stdout.write(countsLine(counts, file));
  }
}
