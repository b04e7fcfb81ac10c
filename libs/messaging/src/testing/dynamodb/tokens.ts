import { validation } from "./exceptions.ts";

const pattern = /\s*(<>|<=|>=|[=<>(),.[\]+-]|[:#]?[A-Za-z_][A-Za-z0-9_]*|[:#]\d[A-Za-z0-9_]*|\d+)/y;

/** Reads an expression token by token. */
export class Tokens {
  readonly #text: string;
  readonly #words: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    pattern.lastIndex = 0;
    let end = 0;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      this.#words.push(match[1] ?? "");
      end = pattern.lastIndex;
    }
    if (text.slice(end).trim() !== "") throw this.error(text.slice(end).trim());
  }

  /** The placeholders of the expression for names and values. */
  get references(): ReadonlySet<string> {
    return new Set(this.#words.filter((word) => /^[:#]/.test(word)));
  }

  get ended(): boolean {
    return this.#at >= this.#words.length;
  }

  peek(ahead = 0): string {
    return this.#words[this.#at + ahead] ?? "";
  }

  take(): string {
    if (this.ended) throw this.error("<EOF>");
    return this.#words[this.#at++] ?? "";
  }

  /** Consumes the token if it is next. Keywords may have any case. */
  skip(word: string): boolean {
    if (this.peek().toUpperCase() !== word.toUpperCase()) return false;
    this.#at += 1;
    return true;
  }

  expect(word: string): void {
    if (!this.skip(word)) throw this.error(this.peek() || "<EOF>");
  }

  error(token: string): Error {
    return validation(`Invalid expression: Syntax error; token: "${token}", in "${this.#text}"`);
  }
}
