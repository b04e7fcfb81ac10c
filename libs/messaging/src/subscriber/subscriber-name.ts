import { text } from "../options/index.ts";

/** In a key of the inbox, `#` ends the name: with a `#` in it, `a#b` and the id `c` would have the key of `a` and `b#c`. */
export const subscriberName = text(
  "a name of 1 to 128 characters, none of them # or a control character",
  /^[^#\p{C}]{1,128}$/u,
);
