/** The work of the image servers. */
import sharp from "sharp";
import { messageOf } from "../../../lib/exit.ts";
import { Refusal } from "../http/mod.ts";

const WIDTH = 128;

/**
 * Enough for phones and most cameras. An interlaced 16-bit PNG of this size takes
 * 220 MB to decode, a progressive JPEG 200 MB, and runtimes decode several at once
 * (Node 4).
 */
const MAXIMUM_PIXELS = 25_000_000;

// Otherwise a repeated picture would cost less.
sharp.cache(false);
// libvips knows many more formats; senders may only use these.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: ["Jpeg", "Png", "Webp", "Nsgif"]
    .map((format) => `VipsForeignLoad${format}`),
});

/**
 * Returns the picture in grey, 128 pixels wide, as a JPEG.
 *
 * @throws {Refusal} if it is not a JPEG, PNG, WebP or GIF, or is too large
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
