/** The work of the image servers. */
import sharp from "sharp";
import { messageOf } from "../../../lib/exit.ts";
import { Refusal } from "../http/mod.ts";

const WIDTH = 128;

/**
 * What phones and most cameras take. However few bytes it came in, a PNG of so
 * many that is interlaced and has 16 bits takes 220 MB, a progressive JPEG 200 MB;
 * and a runtime has threads for several at once, Node for 4.
 */
const MAXIMUM_PIXELS = 25_000_000;

// The same picture again is the same work again.
sharp.cache(false);
// Whoever sends a picture does not choose among all formats that libvips knows.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: ["Jpeg", "Png", "Webp", "Nsgif"]
    .map((format) => `VipsForeignLoad${format}`),
});

/**
 * A picture in grey and 128 pixels wide, as a JPEG.
 *
 * @throws {Refusal} when it is not a JPEG, PNG, WebP or GIF, or is too large
 */
export async function thumbnail(
  image: Uint8Array,
): Promise<Buffer<ArrayBuffer>> {
  try {
    return await sharp(image, { limitInputPixels: MAXIMUM_PIXELS })
      .greyscale().resize(WIDTH).jpeg().toBuffer();
  } catch (error) {
    const why = messageOf(error).split("\n")[0];
    throw new Refusal(422, `the image can't be read: ${why}`);
  }
}
