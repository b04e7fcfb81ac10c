/** A repository, and the entry modules of its processes by their names. */
export interface Programs<Name extends string = string> {
  readonly root: string;
  readonly sources: Readonly<Record<Name, string>>;
}
