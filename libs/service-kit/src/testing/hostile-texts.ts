/**
 * Texts on which a careless expression takes time that grows with the square of their length: a run of one thing that
 * matches in many ways, and an end that does not match. Each is `head`, then `run` as often as there is room, then `tail`.
 */
const shapes: readonly (readonly [head: string, run: string, tail: string])[] = [
  ["a", " ", "x"],
  ["a=", " ", "x"],
  ["a", "\t", "x"],
  ["", " ,", "x"],
  ["", "a,", "!"],
  ["", ";", "x"],
  ["a", ";a=", "!"],
  ["a/a;", " ", "x"],
  ['a="', '\\"', "x"],
  ["", '"', "x"],
  ['"', "a", ""],
  ["", "a", "!"],
  ["", "0", "!"],
  ["", ":", "x"],
  ["", "/", "x"],
  ["bytes=", "1-,", "x"],
];

/** The texts whose encoded form has about `size` characters. */
export function hostileTexts(size: number, encode: (text: string) => string = (text) => text): string[] {
  return shapes.map(([head, run, tail]) => {
    const room = size - encode(head).length - encode(tail).length;
    return head + run.repeat(Math.floor(room / encode(run).length)) + tail;
  });
}
