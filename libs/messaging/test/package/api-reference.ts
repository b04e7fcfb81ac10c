import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { buildPackage } from "../../build-package.ts";

/*
 * The reference comes from the published declarations: the exports of each entry point, in order, and then the types that
 * appear in them and cannot be imported. So it is also the snapshot of the public interface: a change that may break an
 * adopter's code shows as a difference. Existing generators (TypeDoc, API Extractor) need the compiler's JavaScript API,
 * which TypeScript 7 does not have yet.
 */

/** One top-level statement of a declaration file, with the comment before it. */
interface Declaration {
  readonly name: string;
  readonly comment: string;
  readonly code: string;
}

interface DeclarationFile {
  readonly declarations: readonly Declaration[];
  /** The file of each name that it imports or re-exports from the package. */
  readonly from: ReadonlyMap<string, string>;
  /** Its exported names, in order. */
  readonly exported: readonly string[];
}

/** Returns the reference as Markdown. It builds the package, which takes a few seconds. */
export async function apiReference(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "api-reference-"));
  try {
    await buildPackage(folder);
    const { name, exports } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const files = new Map<string, DeclarationFile>();
    const entries = Object.entries<{ types?: string }>(exports).filter(([, { types }]) => types !== undefined);
    const shown = new Set<Declaration>();
    const sections: string[] = [];
    for (const [entry, { types = "" }] of entries) {
      await readAll(join(folder, types), files);
      sections.push(section(`${name}${entry.slice(1)}`, join(folder, types), files, shown));
    }
    const head = `# API reference\n\nGenerated from the types by \`npm run docs -w libs/messaging\`; a test holds it to them.`;
    return `${[head, ...sections].join("\n\n")}\n`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readAll(path: string, files: Map<string, DeclarationFile>): Promise<void> {
  if (files.has(path)) return;
  const file = read(path, await readFile(path, "utf8"));
  files.set(path, file);
  for (const source of file.from.values()) await readAll(source, files);
}

function read(path: string, text: string): DeclarationFile {
  const declarations: Declaration[] = [];
  const from = new Map<string, string>();
  const exported: string[] = [];
  for (const statement of text.split(/^(?=\/\*\*|import |export (?!\{\};))|^(?=declare |interface |type )/m)) {
    const passedOn = /^(import|export) (?:type )?\{([^}]*)\} from "(\.[^"]+)";/.exec(statement);
    const [, name] = /^(?:export )?(?:declare )?(?:interface|type|function|const|class) (\w+)/.exec(statement) ?? [];
    if (passedOn) {
      const [, keyword, names = "", source = ""] = passedOn;
      const passed = names.split(",").map((part) => part.trim().replace(/^type /, ""));
      for (const each of passed) from.set(each, resolve(dirname(path), source.replace(/\.js$/, ".d.ts")));
      if (keyword === "export") exported.push(...passed);
    } else if (name !== undefined) {
      declarations.push({ name, comment: commentBefore(text, statement), code: codeOf(statement) });
      if (statement.startsWith("export ")) exported.push(name);
    }
  }
  return { declarations, from, exported: [...new Set(exported)] };
}

function commentBefore(text: string, statement: string): string {
  const before = text.slice(0, text.indexOf(statement));
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n$/.exec(before)?.[1] ?? "";
  return comment.replace(/^ *\* ?/gm, "").trim();
}

function codeOf(statement: string): string {
  return statement
    .replace(/^(export )?(declare )?/, "")
    .replace("export {};", "")
    .trim()
    .replaceAll("    ", "  ");
}

/** Finds a name's declarations (several for an overloaded function), in the file or in the file that it is imported from. */
function find(name: string, path: string, files: ReadonlyMap<string, DeclarationFile>): Found | undefined {
  const file = files.get(path);
  const declarations = file?.declarations.filter((declaration) => declaration.name === name) ?? [];
  if (declarations.length > 0) return { path, declarations };
  const source = file?.from.get(name);
  return source === undefined ? undefined : find(name, source, files);
}

interface Found {
  readonly path: string;
  readonly declarations: readonly Declaration[];
}

/** Leaves out declarations that another section shows, unless they can be imported from here too. */
function section(
  title: string,
  path: string,
  files: ReadonlyMap<string, DeclarationFile>,
  shown: Set<Declaration>,
): string {
  const exported = (files.get(path)?.exported ?? []).flatMap((name) => find(name, path, files) ?? []);
  for (const { declarations } of exported) for (const declaration of declarations) shown.add(declaration);
  const others: Declaration[] = [];
  for (const { path: origin, declarations } of exported) mentioned(declarations, origin, files, shown, others);
  const also = others.length === 0 ? [] : ["### Types that appear above", ...others.map((type) => entry(type, "####"))];
  const named = exported.flatMap(({ declarations }) => declarations).map((declaration) => entry(declaration, "###"));
  return [`## ${title}`, ...named, ...also].join("\n\n");
}

/** Adds the types that the declarations use, directly or through others. */
function mentioned(
  declarations: readonly Declaration[],
  path: string,
  files: ReadonlyMap<string, DeclarationFile>,
  shown: Set<Declaration>,
  others: Declaration[],
): void {
  const words = declarations.flatMap(
    ({ code }) => code.replace(/\/\*\*[\s\S]*?\*\//g, "").match(/\b[A-Za-z_]\w*\b/g) ?? [],
  );
  for (const word of new Set(words)) {
    const found = find(word, path, files);
    const fresh = found?.declarations.filter((declaration) => !shown.has(declaration)) ?? [];
    if (found === undefined || fresh.length === 0) continue;
    for (const declaration of fresh) shown.add(declaration);
    others.push(...fresh);
    mentioned(fresh, found.path, files, shown, others);
  }
}

function entry({ name, comment, code }: Declaration, heading: string): string {
  const prose = comment
    .replace(/^@throws /gm, "\nThrows ")
    .replace(/^@see /gm, "\nSee ")
    .replace(/(\S) @throws /g, "$1 Throws ")
    .replace(/(\S) @see /g, "$1 See ");
  return [`${heading} ${name}`, ...(prose === "" ? [] : [prose.trim()]), `\`\`\`ts\n${code}\n\`\`\``].join("\n\n");
}
