import { stripVTControlCharacters } from "node:util";
import pc from "picocolors";

/** Aligns rows under their headings. Columns whose name begins with `#` are numbers, aligned to the right. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const names = headings.map((name) => name.replace("#", ""));
  const widths = names.map((name, column) => Math.max(name.length, ...rows.map((row) => widthOf(row[column] ?? ""))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        const space = " ".repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell)));
        return headings[column]?.startsWith("#") ? space + cell : cell + space;
      })
      .join("  ")
      .trimEnd();
  return [pc.dim(line(names)), ...rows.map(line)].join("\n");
}

const widthOf = (cell: string): number => stripVTControlCharacters(cell).length;
