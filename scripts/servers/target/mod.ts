export {
  seededDelay,
  type Stall,
  stallDelay,
  twoPointDelay,
  uniform,
} from "./delay.ts";
export { faults } from "./fault_routes.ts";
export { share, time, whole } from "./query.ts";
export { startLimits } from "./rate_limits.ts";
