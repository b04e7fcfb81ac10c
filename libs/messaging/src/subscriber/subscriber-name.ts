import { text } from "../runtime/index.ts";

/** It begins keys of the inbox, which `#` separates from what follows: `a#b` and the id `c` would be `a` and `b#c`. */
export const subscriberName = text(
  "a name of 1 to 128 characters, none of them # or a control character",
  /^[^#\p{C}]{1,128}$/u,
);
