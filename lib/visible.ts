/** Texts from elsewhere, made harmless to show. */

/**
 * Whatever a terminal would obey, what turns the text around it, and halves of
 * characters.
 */
const unseen = /[\p{Cc}\p{Bidi_Control}\p{Cs}]/gu;

/**
 * In one line: control characters become their pictures, as ESC becomes ␛, and
 * what has no picture becomes U+FFFD.
 */
export function visible(text: string): string {
  return text.replace(unseen, picture);
}

/** The same in several lines. */
export function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n");
}

function picture(unseen: string): string {
  const code = unseen.charCodeAt(0);
  if (code === 0x7f) return "\u2421";
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
}
