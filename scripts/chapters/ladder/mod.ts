export { attack, callAtOnce } from "./ladder_trial.ts";
