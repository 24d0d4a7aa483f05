export { callAtOnce } from "./at_once.ts";
export { attack, type Way } from "./ladder_attack.ts";
