import { expect, vi } from "vitest";

/** Counts the entries of all maps that the work iterates over. */
export async function entriesWalked(work: () => void | Promise<void>): Promise<number> {
  const next = vi.spyOn(Object.getPrototypeOf(new Map().entries()), "next");
  const forEach = vi.spyOn(Map.prototype, "forEach");
  try {
    await work();
    expect(forEach).not.toHaveBeenCalled();
    return next.mock.calls.length;
  } finally {
    next.mockRestore();
    forEach.mockRestore();
  }
}
