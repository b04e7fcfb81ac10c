import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The content of the file that `npm start` keeps in its data folder while the shop is open. */
export interface OpenShopFile {
  readonly pid: number;
  readonly shop: string;
  readonly endpoints: { readonly dynamodb: string; readonly sns: string; readonly sqs: string };
  /** Addresses by the names of the processes. */
  readonly services: Readonly<Record<string, string>>;
}

/** The data folder of `npm start` in this checkout. */
export const usualFolder = fileURLToPath(new URL("../../../.doubleshot", import.meta.url));

/** Undefined when no shop is open there. The file of a killed supervisor does not count, nor does an unreadable one. */
export function readOpenShop(folder: string): OpenShopFile | undefined {
  try {
    const open: OpenShopFile = JSON.parse(readFileSync(join(folder, "open-shop.json"), "utf8"));
    const { dynamodb, sns, sqs } = open.endpoints;
    const areUrls = [dynamodb, sns, sqs, ...Object.values(open.services)].every((url) => URL.canParse(url));
    return areUrls && isRunning(open.pid) ? open : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
