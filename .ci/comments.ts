/** A sentence of a comment, and the line of its file that it begins on. */
export interface Sentence {
  readonly line: number;
  readonly text: string;
}

/** A whole comment, or several `//` lines below each other. */
const comments = /\/\*\*?(?<block>[\s\S]*?)\*\/|(?<lines>(?:^[ \t]*\/\/.*\n?)+)/gm;

/**
 * The sentences in the comments of a source file. A comment inside a string or a template counts as one too: the price of
 * reading without a parser.
 */
export function sentencesOf(source: string): Sentence[] {
  return [...source.matchAll(comments)].flatMap((match) => {
    const { block, lines = "" } = match.groups ?? {};
    const text = (block ?? lines).replace(/^[ \t]*(\*|\/\/)?[ \t]?/gm, "");
    return sentencesIn(text, lineAt(source, match.index));
  });
}

/** A sentence ends with its mark, with an empty line, or where a list goes on. */
function sentencesIn(text: string, firstLine: number): Sentence[] {
  const sentences: Sentence[] = [];
  let start = 0;
  for (const end of text.matchAll(/[.!?:](?=\s|$)|\n(?=\s*\n|\s*[-*|] )|$/g)) {
    const piece = text.slice(start, end.index + 1);
    const words = piece.trim().replace(/^[-*|]\s+/, "");
    const skipped = piece.length - piece.trimStart().length;
    if (words !== "") sentences.push({ line: firstLine + lineAt(text, start + skipped) - 1, text: words });
    start = end.index + 1;
  }
  return sentences;
}

/** The names of tests and of their groups: the first argument of `test(...)` and `describe(...)`, also after `.each(...)`. */
const testNames =
  /(?:\b(?:test|it|describe)(?:\.\w+)*(?:<[^>]*>)?\(|\)\()\s*(?<quote>["`])(?<name>(?:\\.|(?!\k<quote>)[^\\])*)\k<quote>\s*,/g;

/** The names of the tests in a source file. Calls of other curried functions with a text are few, and count as well. */
export function testNamesOf(source: string): Sentence[] {
  return [...source.matchAll(testNames)].map((match) => ({
    line: lineAt(source, match.index),
    text: match.groups?.name ?? "",
  }));
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

/** The subject of the sentence is a relative clause without a noun, as in "who comes late waits": readers parse it twice. */
export function opensWithRelative({ text }: Sentence): boolean {
  return /^(who|whoever|whom|whose|what|whatever)\b/i.test(text) && !/\?/.test(text);
}
