export {
  seededDelay,
  type Stall,
  stallDelay,
  twoPointDelay,
  uniform,
} from "./delay.ts";
export { time } from "./query.ts";
