/** What is said to operators. A pino logger is one. */
export interface HintLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
