import { fileURLToPath } from "node:url";
import type { ShopDefinition } from "@doubleshot/shop";
import { type ProgramFiles, programFiles } from "./program-files.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const relay = `${root}lambdas/outbox/src/handler.ts`;

/** By the names of the shop's services, and `relay`. */
export type ShopProgramFiles = ProgramFiles<string>;

/**
 * Returns the files of the programs that a shop may run in several processes. The embedded AWS is not among them, because it
 * finds the emulators' parts by their files.
 */
export async function shopProgramFiles(
  shop: ShopDefinition,
  report: (line: string) => void,
): Promise<ShopProgramFiles> {
  const services = Object.values(shop.services).map(({ name, program }) => [name, `${root}${program}`]);
  return programFiles({ root, sources: { ...Object.fromEntries(services), relay } }, report);
}
