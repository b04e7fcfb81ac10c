import type { Response, Router } from "express";
import type { z } from "zod";
import { addProblemMembers } from "../problems/index.ts";

export interface RequestSubjectOptions {
  /** Reads the subject's id as callers send it. */
  readonly id: z.ZodType<string>;
  /** The members that name the subject in a problem. */
  readonly members: (id: string) => Readonly<Record<string, unknown>>;
}

/** The thing that a request concerns, such as an order. Every problem of the request names it, once it is known. */
export class RequestSubject {
  readonly #options: RequestSubjectOptions;

  constructor(options: RequestSubjectOptions) {
    this.#options = options;
  }

  /** From now on, each problem that answers this request names the subject. A text that is no id changes nothing. */
  set(response: Response, text: unknown): void {
    const { id, members } = this.#options;
    const { data } = id.safeParse(text);
    if (data !== undefined) addProblemMembers(response, members(data));
  }

  /** Sets the subject for each route with this parameter in its path, before the body is read. */
  setFromPath(router: Router, parameter: string): void {
    router.param(parameter, (_request, response, next, text: string) => {
      this.set(response, text);
      next();
    });
  }
}
