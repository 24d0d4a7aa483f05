export { imageFetcher } from "./fetch_image.ts";
export { serverOptions } from "./image_options.ts";
export { serve } from "./native.ts";
export { thumbnail } from "./thumbnail.ts";
