export { imageFetcher, serverOptions } from "./fetch_image.ts";
export { serve } from "./native.ts";
export { thumbnail } from "./thumbnail.ts";
