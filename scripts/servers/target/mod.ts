export { seededDelay, uniform } from "./delay.ts";
export { faults } from "./fault_routes.ts";
export {
  acceptedByBucket,
  constant,
  type EvenLoad,
  type Law,
  single,
  type Stall,
  stallDelay,
  stalled,
  twoPoint,
  twoPointDelay,
} from "./laws.ts";
export { share, time, whole } from "./query.ts";
export { startLimits } from "./rate_limits.ts";
