/** URLs as they may be written down: without what lets somebody in. */

/** No password is longer; it bounds what a hostile text can make this cost. */
const REST = "{0,1000}@";

/**
 * Users and passwords as people write them, who rarely encode the signs that have
 * a meaning in a URL: with such a sign, what stands behind a colon is a password
 * if it is no port.
 */
const secrets = new RegExp(
  [
    `(?<=\\w:\\/\\/)[^\\s/?#\\\\]${REST}(?:[^\\s"']${REST})?`,
    `(?<=\\w:\\/\\/)[^\\s:/?#\\\\@[]{0,1000}:(?!\\d*\\n)[^/?#\\\\]${REST}(?:[^\\s"']${REST})?`,
    `(?<=\\w:\\/\\/)[^\\s:/?#\\\\@[]{0,1000}:(?!\\d+(?:[/?#\\\\\\s"']|$))[^]${REST}`,
    // Without a scheme, or with one that has fewer slashes.
    `(?<=^|[\\s"'=])[^\\s:/@"'=]{1,1000}:(?!\\/\\/)[^\\s"']${REST}`,
  ].join("|"),
  "g",
);

/** Without the user and the password of each URL in a text. */
export function withoutSecret(text: string): string {
  return text.includes("@") ? text.replace(secrets, "") : text;
}
