import { fileURLToPath } from "node:url";
import { type ProgramFiles, programFiles } from "./program-files.ts";
import type { Programs } from "./programs.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** Processes that a shop has many of. The embedded AWS is not among them: it takes the emulators apart by their files. */
const shopPrograms = {
  root,
  sources: {
    orders: `${root}services/orders/src/main.ts`,
    barista: `${root}services/barista/src/main.ts`,
    relay: `${root}lambdas/outbox/src/handler.ts`,
  },
} satisfies Programs;

export type ShopProgramFiles = ProgramFiles<keyof typeof shopPrograms.sources>;

export function shopProgramFiles(say: (line: string) => void): Promise<ShopProgramFiles> {
  return programFiles(shopPrograms, say);
}
