/** A repository, and by their names the modules that its processes begin with. */
export interface Programs<Name extends string = string> {
  readonly root: string;
  readonly sources: Readonly<Record<Name, string>>;
}
